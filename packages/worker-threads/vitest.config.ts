import { defineProject } from "vitest/config";

/** Units on sources, with the core that was built; the suite runs on built files, as a command: threads see nothing of Vitest. */
export default defineProject({
  test: { name: "worker-threads", include: ["test/**/*.test.ts"] },
});
