import { body, defineKernel, defineMessage, isRinglineError, type UnifiedBuffer } from "@ringline/core";

const module = import.meta.url;

export const Block = defineMessage(
  "Block",
  body<{ readonly data: UnifiedBuffer<Float64Array>; readonly fails?: boolean }>(),
);
export const Total = defineMessage("Total", body<{ readonly total: number }>());

/** Passes on its messages. */
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

/** Writes into the buffers of its messages, as far as that is allowed, and passes them on. */
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

/** Sums up the buffers of its messages. */
export const addUp = defineKernel({
  id: "addUp",
  module,
  input: Block,
  output: Total,
  handle: async ({ data }) => Total({ total: (await data.read()).reduce((a, b) => a + b, 0) }),
});
