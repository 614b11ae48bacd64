import { type Backend, body, createRuntime, defineKernel, defineMessage } from "@ringline/core";

const Reading = defineMessage("Reading", body<{ value: number }>());
const Mean = defineMessage("Mean", body<{ mean: number }>());

const common = { module: import.meta.url, input: Reading, output: Mean, supervise: { effects: "commit" } } as const;

/** The mean of all readings. It saves a list, which grows. */
export const growing = defineKernel({
  ...common,
  id: "growing",
  async handle({ value }, ctx) {
    const values = [...((ctx.restored as number[] | undefined) ?? []), value];
    await ctx.checkpoint(values);
    return Mean({ mean: values.reduce((a, b) => a + b, 0) / values.length });
  },
});

/** The same from a sum and a count. */
export const constant = defineKernel({
  ...common,
  id: "constant",
  async handle({ value }, ctx) {
    const { sum, count } = (ctx.restored as { sum: number; count: number } | undefined) ?? { sum: 0, count: 0 };
    await ctx.checkpoint({ sum: sum + value, count: count + 1 });
    return Mean({ mean: (sum + value) / (count + 1) });
  },
});

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  runtime.on("swapped", ({ kernelId, by }) => console.log(`new code for ${kernelId}, by ${by}`));

  const mean = await runtime.start(growing.as("mean"));
  for (const value of [1, 3]) await mean.send(Reading({ value }));
  for (let i = 0; i < 2; i++) console.log((await mean.receive({ timeout: 1000 })).mean);

  await runtime.swap(mean, constant, {
    by: "the operator",
    migrate: (values) => ({ sum: (values as number[]).reduce((a, b) => a + b, 0), count: (values as number[]).length }),
  });
  await mean.send(Reading({ value: 8 }));
  console.log((await mean.receive({ timeout: 1000 })).mean);
}
