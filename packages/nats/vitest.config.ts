import { useSoftwareGpu } from "../../scripts/lib/software-gpu.mjs";
import { testProject } from "../../vitest.shared.ts";

useSoftwareGpu(); // for the hosts that the tests start
export default testProject("nats", { onBuilt: true });
