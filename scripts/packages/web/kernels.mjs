import { body, defineKernel, defineMessage } from "@ringline/core";

export const Step = defineMessage("Step", /** @type {typeof body<{ n: number }>} */ (body)());
export const next = defineKernel({
  id: "next",
  module: import.meta.url,
  input: Step,
  output: Step,
  handle: ({ n }) => Step({ n: "document" in globalThis ? 0 : n + 1 }),
});
