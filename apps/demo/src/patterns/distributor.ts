import { type Backend, body, createRuntime, defineKernel, defineMessage } from "@ringline/core";

const Work = defineMessage("Work", body<{ n: number }>());
const Result = defineMessage("Result", body<{ n: number; square: number }>());

export const worker = defineKernel({
  id: "worker",
  module: import.meta.url,
  input: Work,
  output: Result,
  handle: ({ n }) => Result({ n, square: n ** 2 }),
});

/** Hands work to three workers in turn. */
export const distributor = defineKernel({
  id: "distributor",
  module: import.meta.url,
  input: Work,
  peers: { worker_0: worker.as("worker_0"), worker_1: worker.as("worker_1"), worker_2: worker.as("worker_2") },
  async run(ctx) {
    const workers = [ctx.peers.worker_0, ctx.peers.worker_1, ctx.peers.worker_2];
    let next = 0;
    for await (const work of ctx) {
      await workers[next]!.send(work);
      next = (next + 1) % workers.length;
    }
  },
});

export async function fanOut(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  const workers = await Promise.all([0, 1, 2].map((i) => runtime.start(worker.as(`worker_${i}`))));
  const entry = await runtime.start(distributor);

  for (let n = 1; n <= 6; n++) await entry.send(Work({ n }));
  for (const one of workers) {
    const results = [await one.receive({ timeout: 1000 }), await one.receive({ timeout: 1000 })];
    console.log(`${one.id}: ${results.map(({ n, square }) => `${n}² = ${square}`).join(", ")}`);
  }
}
