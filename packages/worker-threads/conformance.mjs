// What `npm run conformance` tests of this package: each entry makes a fresh backend, or several by name.
import { workerThreads } from "@ringline/worker-threads";

/** @type {import("@ringline/conformance").Subject[]} */
export default [{ name: "worker-threads", create: () => workerThreads({ threads: 2 }) }];
