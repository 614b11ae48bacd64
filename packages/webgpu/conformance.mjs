// What `npm run conformance` tests of this package: each entry makes a fresh backend, or several by name.
import { webgpu } from "@ringline/webgpu";

/** @type {import("@ringline/conformance").Subject[]} */
export default [{ name: "webgpu", create: () => webgpu() }];
