import { body, defineKernel, defineMessage, isRinglineError, type UnifiedBuffer } from "@ringline/core";

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

/** Writes into what it is given, as far as it may, and hands it on. */
export const scribble = defineKernel({
  id: "scribble",
  module,
  input: Block,
  output: Block,
  handle({ data }) {
    try {
      data.write([99]);
    } catch (error) {
      if (!isRinglineError(error, "INVALID_ARGUMENT")) throw error;
    }
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
