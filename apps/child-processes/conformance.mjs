// What `npm run conformance` tests of this program.
import { childProcesses } from "@ringline/child-processes";

/** @type {import("@ringline/conformance").Subject[]} */
export default [{ name: "child-processes", create: () => childProcesses() }];
