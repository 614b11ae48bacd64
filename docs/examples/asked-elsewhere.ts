import {
  type Backend,
  body,
  createRuntime,
  defineKernel,
  defineMessage,
  isRinglineError,
  pipeline,
} from "@ringline/core";

const Job = defineMessage("Job", body<{ user: string; n: number }>());
const Result = defineMessage("Result", body<{ n: number }>());

export const work = defineKernel({
  id: "work",
  module: import.meta.url,
  input: Job,
  output: Result,
  handle: ({ n }) => Result({ n: n * n }),
});

/** One input, many outputs. */
export const countTo = defineKernel({
  id: "countTo",
  module: import.meta.url,
  input: Job,
  output: Result,
  async run(ctx) {
    for await (const { n } of ctx) for (let i = 1; i <= n; i++) await ctx.send(Result({ n: i }));
  },
});

/** Stops between two steps when it is asked to end; its thread lives on. */
export const patient = defineKernel({
  id: "patient",
  module: import.meta.url,
  input: Job,
  output: Result,
  async handle({ n }, { signal }) {
    for (let step = 0; step < n && !signal.aborted; step++) await new Promise((done) => setTimeout(done, 1));
    return Result({ n });
  },
});

export const failing = defineKernel({
  id: "failing",
  module: import.meta.url,
  input: Job,
  output: Result,
  onError: { retry: 2, backoff: { initial: 1 } },
  handle({ n }) {
    if (n < 0) throw new RangeError("negative");
    return Result({ n });
  },
});

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  runtime.on("error", () => {});

  const slow = await runtime.launch(work, { id: "slow", queueSize: 2, backpressure: "block" });
  await slow.send(Job({ user: "a", n: 1 })); // resolves when it is accepted, waits while two are queued
  await slow.send(Job({ user: "a", n: 2 }), { timeout: 1000 });

  const strict = await runtime.launch(work, { id: "strict", queueSize: 1, backpressure: "reject" });
  await strict.send(Job({ user: "a", n: 1 }));
  const full: unknown = await strict.send(Job({ user: "a", n: 2 })).catch((error) => error);
  console.log(`bounded: ${isRinglineError(full) && full.code}`);

  const counter = await runtime.start(countTo);
  await counter.send(Job({ user: "a", n: 3 }));
  for (let i = 0; i < 3; i++) console.log(`streamed: ${(await counter.receive()).n}`);

  const store = await runtime.start(failing);
  await store.send(Job({ user: "a", n: -1 }));
  for await (const { reason, attempts, message } of runtime.deadLetters) {
    console.log(`kept: ${message.type}, ${reason} after ${attempts} attempts`);
    break;
  }

  const walker = await runtime.start(patient);
  const late: unknown = await walker.request(Job({ user: "a", n: 60_000 }), { timeout: 20 }).catch((error) => error);
  console.log(`limited: ${isRinglineError(late) && late.code}`);
  await walker.terminate({ timeout: 1000 }); // `signal` aborts, the loop ends

  const urgent = await runtime.launch(work, { id: "urgent" });
  await urgent.send(Job({ user: "a", n: 2 }));
  await urgent.send(Job({ user: "a", n: 3 }, { priority: 255 }));
  await urgent.activate();
  console.log(`first: ${(await urgent.receive()).n}`);

  const ordered = pipeline("ordered").stage(work, { workers: 3 });
  const perUser = pipeline("perUser").stage(work, { workers: 3, by: { key: "user" }, rate: 1000 });
  for (const topology of [ordered, perUser]) {
    await using flow = await runtime.run(topology);
    const numbers: number[] = [];
    for await (const { n } of flow.process([3, 2, 1].map((n) => Job({ user: "a", n })))) numbers.push(n);
    console.log(`${topology.name}: ${numbers}`);
  }
}
