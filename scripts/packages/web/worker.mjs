import { serveKernels } from "@ringline/web-workers/thread";
import * as kernels from "./kernels.mjs";

serveKernels(kernels);
