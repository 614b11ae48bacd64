import { defineProject } from "vitest/config";
import { useSoftwareGpu } from "../../scripts/lib/software-gpu.mjs";

useSoftwareGpu(); // for the hosts that the tests start

/** Units on sources, with the core that was built; the suite runs on built files, as a command: hosts see nothing of Vitest. */
export default defineProject({
  test: { name: "nats", include: ["test/**/*.test.ts"] },
});
