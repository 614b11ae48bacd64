import {
  type Backend,
  body,
  createRuntime,
  defineKernel,
  defineMessage,
  graph,
  type MessageOf,
  otherwise,
  pipeline,
} from "@ringline/core";

const Work = defineMessage("Work", body<{ n: number }>());
const Result = defineMessage("Result", body<{ n: number }>());
const Results = defineMessage("Results", body<{ items: MessageOf<typeof Result>[] }>());
const Summary = defineMessage("Summary", body<{ count: number; total: number }>());

export const worker = defineKernel({
  id: "worker",
  module: import.meta.url,
  input: Work,
  output: Result,
  handle: ({ n }) => Result({ n: n * 10 }),
});

export const summarize = defineKernel({
  id: "summarize",
  module: import.meta.url,
  input: Results,
  output: Summary,
  handle: ({ items }) => Summary({ count: items.length, total: items.reduce((sum, { n }) => sum + n, 0) }),
});

export const fanIn = pipeline("fan-in")
  .stage(worker, { workers: 3 })
  .batch(Results, { max: 10, linger: 250 })
  .stage(summarize);

/** Different kernels, one aggregator. */
export const merged = graph("merged", Work, (work, { merge }) => {
  const { even, odd } = work.route({ even: ({ n }) => n % 2 === 0, odd: otherwise });
  const results = merge(even.stage(worker), odd.stage(worker.as("other_worker")));
  return results.batch(Results, { max: 10, linger: 250 }).stage(summarize);
});

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  const source = Array.from({ length: 25 }, (_, n) => Work({ n }));

  await using flow = await runtime.run(fanIn);
  for await (const { count, total } of flow.process(source)) console.log(`${count} results, total ${total}`);

  await flow.send(Work({ n: 7 }));
  const alone = await flow.receive({ timeout: 5000 }); // flushed 250 ms later
  console.log(`after a pause: ${alone.count} result, total ${alone.total}`);

  await using both = await runtime.run(merged);
  let sum = 0;
  for await (const { total } of both.process(source)) sum += total;
  console.log(`from both kinds of workers: total ${sum}`);
}
