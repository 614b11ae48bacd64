import { body, defineKernel, defineMessage } from "@ringline/core";

export const Numbers = defineMessage("Numbers", body<{ readonly of: readonly number[] }>());
export const Total = defineMessage("Total", body<{ readonly of: readonly number[]; readonly sum: number }>());

/** Sums up its messages in a state that outlives the program. */
export const summing = defineKernel({
  id: "summing",
  module: import.meta.url,
  input: Numbers,
  output: Total,
  state: { durable: true },
  async handle({ of }, ctx) {
    const sum = of.reduce((a, b) => a + b, (ctx.restored as number | undefined) ?? 0);
    await ctx.checkpoint(sum);
    return Total({ of: [...of], sum });
  },
});
