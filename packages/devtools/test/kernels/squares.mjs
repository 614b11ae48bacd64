// Kernels that run on threads and on hosts.
import { body, defineKernel, defineMessage } from "@ringline/core";

export const Num = defineMessage("Num", /** @type {typeof body<{ readonly n: number }>} */ (body)());

export const square = defineKernel({
  id: "square",
  module: import.meta.url,
  input: Num,
  output: Num,
  handle: ({ n }) => Num({ n: n * n }),
});
export const half = defineKernel({
  id: "half",
  module: import.meta.url,
  input: Num,
  output: Num,
  handle: ({ n }) => Num({ n: n / 2 }),
});
