import { type Backend, body, createRuntime, defineKernel, defineMessage, isRinglineError } from "@ringline/core";

const RawData = defineMessage("RawData", body<{ values: number[] }>());
const Normalized = defineMessage("Normalized", body<{ values: number[] }>());

function normalize(values: readonly number[]): number[] {
  const [min, max] = [Math.min(...values), Math.max(...values)];
  return values.map((value) => (max === min ? 0 : (value - min) / (max - min)));
}

/** The loop of PyDotCompute's guide. */
export const asThere = defineKernel({
  id: "asThere",
  module: import.meta.url,
  input: RawData,
  output: Normalized,
  async run(ctx) {
    while (!ctx.shouldTerminate) {
      if (!ctx.isActive) {
        await ctx.waitActive();
        continue;
      }
      try {
        const raw = await ctx.receive({ timeout: 100 });
        await ctx.send(Normalized({ values: normalize(raw.values) }, { correlationId: raw.messageId }));
      } catch (error) {
        if (!isRinglineError(error, "TIMEOUT", "TERMINATED")) throw error;
      }
    }
  },
});

/** The same kernel, idiomatic here. */
export const preprocess = defineKernel({
  id: "preprocess",
  module: import.meta.url,
  input: RawData,
  output: Normalized,
  handle: ({ values }) => Normalized({ values: normalize(values) }),
});

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  for (const kernel of [asThere, preprocess]) {
    const handle = await runtime.launch(kernel);
    await handle.activate();
    await handle.send(RawData({ values: [1, 2, 3, 4, 5] }));
    const { values } = await handle.receive({ timeout: 1000 });
    console.log(`${handle.id}: ${values.join(" ")}`);
  }
}
