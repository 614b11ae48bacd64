import { body, defineKernel, defineMessage, unifiedBuffer } from "@ringline/core";

const module = import.meta.url;
/** @typedef {import("@ringline/core").UnifiedBuffer<Float64Array>} Floats */
export const Block = defineMessage("Block", /** @type {typeof body<{ data: Floats, what?: string }>} */ (body)());
export const Total = defineMessage("Total", /** @type {typeof body<{ total: number }>} */ (body)());

/** Reads what it is given; it fails, or ends its thread, where it is told to. */
export const adder = defineKernel({
  id: "adder",
  module,
  input: Block,
  output: Total,
  supervise: { restart: "on-failure", onCrash: "retry", backoff: { initial: 1, max: 1, jitter: 0 } },
  async handle({ data, what }, ctx) {
    if (what === "fail") throw new Error("on purpose");
    const floats = await data.read();
    if (what === "exit" && ctx.restored === undefined && floats[0] === 1) {
      floats[0] = 2;
      process.exit(1);
    }
    return Total({ total: floats.reduce((a, b) => a + b, 0) });
  },
});

/** Hands on what it is given. */
export const passer = defineKernel({
  id: "passer",
  module,
  input: Block,
  output: Block,
  handle: ({ data }) => Block({ data }),
});

/** Answers with memory of its own. */
export const maker = defineKernel({
  id: "maker",
  module,
  input: Total,
  output: Block,
  handle: ({ total }) => Block({ data: unifiedBuffer(Float64Array, [total, total]) }),
});
