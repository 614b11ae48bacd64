import { type Backend, body, createRuntime, defineKernel, defineMessage, isRinglineError } from "@ringline/core";

export const RawData = defineMessage("RawData", body<{ values: number[] }>());
export const Preprocessed = defineMessage("Preprocessed", body<{ normalized: number[] }>());
export const ComputeResult = defineMessage("ComputeResult", body<{ result: number }>());

/** The loop in full: it rests while the kernel is deactivated and looks up every 100 ms. */
export const preprocess = defineKernel({
  id: "preprocess",
  module: import.meta.url,
  input: RawData,
  output: Preprocessed,
  async run(ctx) {
    while (!ctx.shouldTerminate) {
      if (!ctx.isActive) {
        await ctx.waitActive();
        continue;
      }
      try {
        const raw = await ctx.receive({ timeout: 100 });
        await ctx.send(Preprocessed({ normalized: normalize(raw.values) }, { replyTo: raw }));
      } catch (error) {
        if (!isRinglineError(error, "TIMEOUT", "TERMINATED")) throw error;
      }
    }
  },
});

export const compute = defineKernel({
  id: "compute",
  module: import.meta.url,
  input: Preprocessed,
  output: ComputeResult,
  async run(ctx) {
    while (!ctx.shouldTerminate) {
      if (!ctx.isActive) {
        await ctx.waitActive();
        continue;
      }
      try {
        const data = await ctx.receive({ timeout: 100 });
        await ctx.send(ComputeResult({ result: mean(data.normalized) }, { replyTo: data }));
      } catch (error) {
        if (!isRinglineError(error, "TIMEOUT")) throw error;
      }
    }
  },
});

/** The same as a loop over messages: pausing, waking up and ending are the context's business. */
export const preprocessLoop = defineKernel({
  id: "preprocess_loop",
  module: import.meta.url,
  input: RawData,
  output: Preprocessed,
  async run(ctx) {
    for await (const raw of ctx) {
      await ctx.send(Preprocessed({ normalized: normalize(raw.values) }, { replyTo: raw }));
    }
  },
});

export const computeLoop = defineKernel({
  id: "compute_loop",
  module: import.meta.url,
  input: Preprocessed,
  output: ComputeResult,
  async run(ctx) {
    for await (const data of ctx) {
      await ctx.send(ComputeResult({ result: mean(data.normalized) }, { replyTo: data }));
    }
  },
});

/** The same as a function of one message: its answer is correlated by the runtime. */
export const preprocessEach = defineKernel({
  id: "preprocess_each",
  module: import.meta.url,
  input: RawData,
  output: Preprocessed,
  handle: (raw) => Preprocessed({ normalized: normalize(raw.values) }),
});

export const computeEach = defineKernel({
  id: "compute_each",
  module: import.meta.url,
  input: Preprocessed,
  output: ComputeResult,
  handle: (data) => ComputeResult({ result: mean(data.normalized) }),
});

export async function simplePipeline(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend, kernels: [preprocess, compute] });
  const raw = RawData({ values: [1, 2, 3, 4, 5] });

  // by id, each message carried by hand
  await runtime.launch("preprocess");
  await runtime.launch("compute");
  await runtime.activate("preprocess");
  await runtime.activate("compute");
  await runtime.send("preprocess", raw);
  const preprocessed = await runtime.receive("preprocess", { timeout: 1000 });
  await runtime.send("compute", preprocessed);
  const byHand = await runtime.receive("compute", { timeout: 1000 });
  console.log(`written out, carried by hand: ${byHand.result}`);
  console.log(`  caused by the preprocessed message: ${byHand.correlationId === preprocessed.messageId}`);

  // by handle, linked once
  const loopStart = await runtime.start(preprocessLoop);
  const loopEnd = await runtime.start(computeLoop);
  await runtime.connect(loopStart, loopEnd);
  await loopStart.send(raw);
  console.log(`loops over messages, linked: ${(await loopEnd.receive({ timeout: 1000 })).result}`);

  const eachStart = await runtime.start(preprocessEach);
  const eachEnd = await runtime.start(computeEach);
  await runtime.connect(eachStart, eachEnd);
  await eachStart.send(raw);
  console.log(`functions of one message, linked: ${(await eachEnd.receive({ timeout: 1000 })).result}`);
}

/** To the range from 0 to 1; values that are all the same become 0. */
function normalize(values: readonly number[]): number[] {
  const min = Math.min(...values);
  const range = Math.max(...values) - min;
  return values.map((value) => (range === 0 ? 0 : (value - min) / range));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
