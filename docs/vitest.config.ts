import { useSoftwareGpu } from "../scripts/lib/software-gpu.mjs";
import { testProject } from "../vitest.shared.ts";

useSoftwareGpu(); // for the processes that run the tests
export default testProject("docs");
