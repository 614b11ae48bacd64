import { defineProject } from "vitest/config";

/** On built files: a child sees nothing of Vitest. */
export default defineProject({ test: { name: "child-processes", include: ["test/**/*.test.ts"] } });
