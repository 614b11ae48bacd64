import { body, defineKernel, defineMessage, type UnifiedBuffer } from "@ringline/core";

const module = import.meta.url;

export const Block = defineMessage(
  "Block",
  body<{ readonly data: UnifiedBuffer<Float64Array>; readonly fails?: boolean }>(),
);
export const Total = defineMessage("Total", body<{ readonly total: number }>());

/** Hands on what it is given. */
export const passOn = defineKernel({
  id: "passOn",
  module,
  input: Block,
  output: Block,
  handle({ data, fails }) {
    if (fails) throw new Error("on purpose");
    return Block({ data });
  },
});

/** Reads what it is given. */
export const addUp = defineKernel({
  id: "addUp",
  module,
  input: Block,
  output: Total,
  handle: async ({ data }) => Total({ total: (await data.read()).reduce((a, b) => a + b, 0) }),
});
