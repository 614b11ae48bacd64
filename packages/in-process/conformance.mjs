// What `npm run conformance` tests of this package: each entry makes a fresh backend.
import { inProcess } from "@ringline/in-process";

export default [
  { name: "in-process", create: () => inProcess() },
  { name: "in-process, copying", create: () => inProcess({ copy: true }) },
];
