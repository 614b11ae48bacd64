import { serveKernels } from "../thread.js";

// The worker of this package: it imports kernels by the URL of their module.
serveKernels();
