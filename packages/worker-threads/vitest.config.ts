import { defineProject } from "vitest/config";

/** On built files, as threads see nothing of Vitest's transforms; units on sources, with the core that was built. */
export default defineProject({
  test: { name: "worker-threads", include: ["test/**/*.test.ts"] },
});
