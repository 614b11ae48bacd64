import { defineProject } from "vitest/config";

/** On built files: the tests start programs, which see nothing of Vitest. */
export default defineProject({ test: { name: "sqlite", include: ["test/**/*.test.ts"] } });
