// What `npm run conformance` tests of this package: each entry makes a fresh backend, or several by name.
import { inProcess } from "@ringline/in-process";

/** @type {import("@ringline/conformance").Subject[]} */
export default [
  { name: "in-process", create: () => inProcess() },
  { name: "in-process, copying", create: () => inProcess({ copy: true }) },
  // Both at once: the suite spreads its kernels over them.
  {
    name: "in-process, two places",
    create: () => ({ main: inProcess(), second: inProcess({ copy: true }) }),
  },
];
