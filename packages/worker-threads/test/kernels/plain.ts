import { body, defineKernel, defineMessage } from "@ringline/core";

export const Ask = defineMessage("Ask", body<{ readonly n: number }>());
/** Types and all: Node strips them by itself from 22.18 on. */
export const typed = defineKernel({
  id: "typed",
  module: import.meta.url,
  input: Ask,
  output: Ask,
  handle: ({ n }: { readonly n: number }) => Ask({ n: n * 2 }),
});
