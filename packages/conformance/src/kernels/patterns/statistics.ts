import { body, defineKernel, defineMessage, isRinglineError } from "@ringline/core";

const module = import.meta.url;

export const RawData = defineMessage("RawData", body<{ readonly values: readonly number[] }>());
export const Normalized = defineMessage("Normalized", body<{ readonly values: readonly number[] }>());
export const Mean = defineMessage("Mean", body<{ readonly result: number; readonly by: string }>());

function normalize(values: readonly number[]): number[] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return values.map((value) => (value - low) / (high - low));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Two stages, each body written as a function of one message. */
export const preprocess = defineKernel({
  id: "preprocess",
  module,
  input: RawData,
  output: Normalized,
  handle: ({ values }) => Normalized({ values: normalize(values) }),
});

export const compute = defineKernel({
  id: "compute",
  module,
  input: Normalized,
  output: Mean,
  handle: ({ values }, { kernelId }) => Mean({ result: mean(values), by: kernelId }),
});

/** The same as loops over messages. */
export const preprocessLoop = defineKernel({
  id: "preprocess loop",
  module,
  input: RawData,
  output: Normalized,
  async run(ctx) {
    for await (const { values } of ctx) await ctx.send(Normalized({ values: normalize(values) }));
  },
});

export const computeLoop = defineKernel({
  id: "compute loop",
  module,
  input: Normalized,
  output: Mean,
  async run(ctx) {
    for await (const { values } of ctx) await ctx.send(Mean({ result: mean(values), by: ctx.kernelId }));
  },
});

/** The same as loops that wait by hand: active or not, with a time-out for each receive. */
export const preprocessByHand = defineKernel({
  id: "preprocess by hand",
  module,
  input: RawData,
  output: Normalized,
  async run(ctx) {
    while (!ctx.shouldTerminate) {
      try {
        if (!ctx.isActive) {
          await ctx.waitActive();
          continue;
        }
        const raw = await ctx.receive({ timeout: 20 });
        await ctx.send(Normalized({ values: normalize(raw.values) }, { replyTo: raw }));
      } catch (error) {
        if (!isRinglineError(error, "TIMEOUT", "TERMINATED")) throw error;
      }
    }
  },
});

export const computeByHand = defineKernel({
  id: "compute by hand",
  module,
  input: Normalized,
  output: Mean,
  async run(ctx) {
    while (!ctx.shouldTerminate) {
      try {
        if (!ctx.isActive) {
          await ctx.waitActive();
          continue;
        }
        const data = await ctx.receive({ timeout: 20 });
        await ctx.send(Mean({ result: mean(data.values), by: ctx.kernelId }, { replyTo: data }));
      } catch (error) {
        if (!isRinglineError(error, "TIMEOUT", "TERMINATED")) throw error;
      }
    }
  },
});
