import { type Backend, body, createRuntime, defineKernel, defineMessage } from "@ringline/core";
import { inProcess } from "@ringline/in-process";

const Reading = defineMessage("Reading", body<{ value: number }>());
const Total = defineMessage("Total", body<{ sum: number }>());

export const adder = defineKernel({
  id: "adder",
  module: import.meta.url, // another place loads the kernel from here
  input: Reading,
  output: Total,
  supervise: { effects: "commit" },
  async run(ctx) {
    let sum = (ctx.restored as number | undefined) ?? 0;
    for await (const { value } of ctx) {
      sum += value;
      await ctx.send(Total({ sum }));
      await ctx.checkpoint(sum); // counts together with the output
    }
  },
});

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backends: { loop: inProcess(), elsewhere: backend } });
  runtime.on("relocated", ({ kernelId, from, to, by }) => console.log(`${kernelId}: ${from} → ${to}, by ${by}`));

  const kernel = await runtime.start(adder); // on the first backend
  const sending = Promise.all([1, 2, 3, 4, 5].map((value) => kernel.send(Reading({ value }))));
  await runtime.move(adder, { backend: "elsewhere", by: "the operator" });
  await sending;

  const sums: number[] = [];
  while (sums.length < 5) sums.push((await kernel.receive({ timeout: 1000 })).sum);
  console.log(sums.join(" ")); // each reading counts once, in order
}
