import { defineProject } from "vitest/config";

/** Everything as it was built: threads see nothing of Vitest. */
export default defineProject({
  test: { name: "streams", include: ["test/**/*.test.ts"] },
});
