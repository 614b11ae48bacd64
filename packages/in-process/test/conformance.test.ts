import { describeBackend } from "@ringline/conformance/vitest";
import subjects from "../conformance.mjs";

// on the sources; all of them, as they were built: npm run conformance
for (const subject of subjects.slice(0, 1)) describeBackend(subject);
