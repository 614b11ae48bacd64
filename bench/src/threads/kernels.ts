import { body, defineKernel, defineMessage, type UnifiedBuffer } from "@ringline/core";
import { grind } from "../patterns/work.js";
import { Step } from "../ringline/step.js";

/** Kernels that threads load: an echo in each form of a body. */
export const echoHandle = defineKernel({
  id: "echo-handle",
  module: import.meta.url,
  input: Step,
  output: Step,
  handle: (step) => Step({ n: step.n }),
});

export const echoRun = defineKernel({
  id: "echo-run",
  module: import.meta.url,
  input: Step,
  output: Step,
  async run(ctx) {
    for await (const step of ctx) await ctx.send(Step({ n: step.n }, { replyTo: step }));
  },
});

export const echoBatches = defineKernel({
  id: "echo-batches",
  module: import.meta.url,
  input: Step,
  output: Step,
  async run(ctx) {
    for await (const batch of ctx.batches({ max: 256 })) {
      let last: Promise<void> | undefined;
      for (const step of batch) last = ctx.send(Step({ n: step.n }, { replyTo: step }));
      await last;
    }
  },
});

export const ArrayLoad = defineMessage("ArrayLoad", body<{ data: Float64Array }>());
export const BufferLoad = defineMessage("BufferLoad", body<{ data: UnifiedBuffer<Float64Array> }>());
export const Amount = defineMessage("Amount", body<{ count: number; all: number }>());
const Part = defineMessage("Part", body<{ n: number; all: number }>());

export const takeArray = defineKernel({
  id: "take-array",
  module: import.meta.url,
  input: ArrayLoad,
  output: Step,
  handle: ({ data }) => Step({ n: data[0] as number }),
});

export const takeBuffer = defineKernel({
  id: "take-buffer",
  module: import.meta.url,
  input: BufferLoad,
  output: Step,
  handle: async ({ data }) => Step({ n: (await data.read())[0] as number }),
});

export const turnBack = defineKernel({
  id: "turn-back",
  module: import.meta.url,
  input: BufferLoad,
  output: BufferLoad,
  handle: ({ data }) => BufferLoad({ data }),
});

export const producer = defineKernel({
  id: "producer",
  module: import.meta.url,
  input: Amount,
  output: Part,
  async run(ctx) {
    for await (const { count, all } of ctx) for (let n = 0; n < count; n++) await ctx.send(Part({ n, all }));
  },
});

/** Answers once it has all parts. */
export const consumer = defineKernel({
  id: "consumer",
  module: import.meta.url,
  input: Part,
  output: Step,
  async run(ctx) {
    let count = 0;
    for await (const { all } of ctx) {
      if (++count < all) continue;
      count = 0;
      await ctx.send(Step({ n: all }));
    }
  },
});

export const grinder = defineKernel({
  id: "grinder",
  module: import.meta.url,
  input: Step,
  output: Step,
  handle: ({ n }) => Step({ n: grind(n, 50) }),
});
