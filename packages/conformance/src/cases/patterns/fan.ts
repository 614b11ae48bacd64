import { deepEqual, equal, rejects, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { Result } from "../../kernels/messages.js";
import { aggregator, aggregatorByHand, distributor } from "../../kernels/patterns/fan.js";
import { handler } from "../../kernels/workers.js";
import { range, takes, tasks, telemetryWhen } from "../../support/handle.js";

const aggregators = [aggregator, aggregatorByHand];
const results = (count: number, first = 0) =>
  range(first + count, first).map((n) => Result({ n, by: "host", index: 0 }));

export const fanning: readonly Case[] = [
  {
    law: 8,
    name: "pattern, distributor: each worker gets every third piece of work, in order",
    async run(trial) {
      const runtime = trial.runtime();
      const workers = await Promise.all([0, 1, 2].map((i) => runtime.start(handler.as(`worker_${i}`))));
      const first = await runtime.start(distributor);
      for (const task of tasks(30)) await first.send(task);
      for (const [i, worker] of workers.entries()) {
        await takes(
          worker,
          range(10).map((k) => 3 * k + i),
          `work of ${worker.id}`,
        );
      }
      const { processed, sent } = await telemetryWhen(first, "all done", (t) => t.processed === 30);
      deepEqual([processed, sent], [30, 0], "processed, sent to its own output");
    },
  },
  ...aggregators.map(
    (kernel): Case => ({
      law: 8,
      name: `pattern, ${kernel.id}: ten at a time, and the rest when nothing more comes`,
      async run(trial) {
        const handle = await trial.runtime().launch(kernel);
        for (const result of results(23)) await handle.send(result);
        await handle.activate();
        const summaries = [];
        for (let i = 0; i < 3; i++) summaries.push(await handle.receive(soon));
        deepEqual(
          summaries.map(({ count, total }) => [count, total]),
          [
            [10, 45],
            [10, 145],
            [3, 63],
          ],
          "summaries",
        );
        await rejects(handle.receive({ timeout: 60 }), "TIMEOUT", "a summary of nothing");
        await telemetryWhen(
          handle,
          "all settled",
          ({ processed, ledger }) => processed === 23 && ledger.input.inHand === 0,
        );
      },
    }),
  ),
  ...aggregators.map(
    (kernel): Case => ({
      law: 8,
      name: `pattern, fan-in: three workers, one ${kernel.id}`,
      async run(trial) {
        const runtime = trial.runtime();
        const last = await runtime.start(kernel);
        const workers = await Promise.all([0, 1, 2].map((i) => runtime.start(handler.as(`worker_${i}`))));
        for (const worker of workers) await runtime.connect(worker, last);
        for (const task of tasks(40)) await workers[task.n % 3]?.send(task);
        let [count, total] = [0, 0];
        while (count < 40) {
          const summary = await last.receive(soon);
          count += summary.count;
          total += summary.total;
        }
        equal(count, 40, "results");
        equal(total, 780, "total");
      },
    }),
  ),
];
