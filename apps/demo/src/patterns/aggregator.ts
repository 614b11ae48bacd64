import { type Backend, body, createRuntime, defineKernel, defineMessage, type MessageOf } from "@ringline/core";

const Work = defineMessage("Work", body<{ n: number }>());
const Result = defineMessage("Result", body<{ n: number }>());
const Summary = defineMessage("Summary", body<{ count: number; total: number }>());

export const worker = defineKernel({
  id: "worker",
  module: import.meta.url,
  input: Work,
  output: Result,
  handle: ({ n }) => Result({ n: n * 10 }),
});

/**
 * Sums up ten results at a time, or what there is 100 ms after the first of them. A batch stays in hand until the next
 * one is asked for, so that a kernel that fails in between loses none of its results.
 */
export const aggregator = defineKernel({
  id: "aggregator",
  module: import.meta.url,
  input: Result,
  output: Summary,
  async run(ctx) {
    for await (const batch of ctx.batches({ max: 10, linger: 100 })) await ctx.send(summarize(batch));
  },
});

export async function fanIn(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  const exit = await runtime.start(aggregator);
  const workers = await Promise.all([0, 1, 2].map((i) => runtime.start(worker, { id: `worker_${i}` })));
  for (const one of workers) await runtime.connect(one, exit);

  for (let n = 0; n < 25; n++) await workers[n % workers.length]!.send(Work({ n }));
  for (let seen = 0; seen < 25; ) {
    const { count, total } = await exit.receive({ timeout: 1000 });
    console.log(`${count} results, total ${total}${count < 10 ? ", flushed by the time-out" : ""}`);
    seen += count;
  }
}

function summarize(batch: readonly MessageOf<typeof Result>[]) {
  return Summary({ count: batch.length, total: batch.reduce((sum, { n }) => sum + n, 0) });
}
