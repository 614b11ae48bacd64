import { describeBackend } from "@ringline/conformance/vitest";
import subjects from "../conformance.mjs";

for (const subject of subjects) describeBackend(subject);
