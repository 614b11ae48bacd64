import { deepEqual, equal, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { compute, preprocess, RawData } from "../../kernels/patterns/statistics.js";
import { range, telemetryWhen } from "../../support/handle.js";

export const parallel: readonly Case[] = [
  {
    law: 8,
    name: "pattern, parallel pipelines: three of each stage, fed round-robin",
    async run(trial) {
      const runtime = trial.runtime();
      const pipelines = await Promise.all(
        [0, 1, 2].map(async (i) => {
          const first = await runtime.launch(preprocess.as(`preprocess_${i}`));
          const second = await runtime.launch(compute.as(`compute_${i}`));
          await runtime.connect(first, second);
          return { first, second };
        }),
      );
      for (const { first, second } of pipelines) await Promise.all([first.activate(), second.activate()]);
      let next = 0;
      for (const n of range(30)) {
        await pipelines[next++ % pipelines.length]?.first.send(RawData({ values: [0, n, 2 * (n + 1)] }));
      }
      for (const [i, { first, second }] of pipelines.entries()) {
        for (let k = 0; k < 10; k++) {
          const n = 3 * k + i;
          const { result, by } = await second.receive(soon);
          equal(by, `compute_${i}`, "by");
          equal(Math.abs(result - (1 + n / (2 * (n + 1))) / 3) < 1e-12, true, `result of ${n}: ${result}`);
        }
        await telemetryWhen(first, `${first.id} done`, ({ processed }) => processed === 10);
      }
    },
  },
  {
    law: 8,
    name: "pattern, parallel pipelines: one link to several workers, round-robin, and back into one",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(preprocess);
      const workers = await Promise.all([0, 1, 2].map((i) => runtime.start(compute.as(`compute_${i}`))));
      for (const worker of workers) await runtime.connect(first, worker, { mode: "round-robin" });
      for (const n of range(30)) await first.send(RawData({ values: [0, 1, n + 1] }));
      const results = await Promise.all(
        workers.map(async (worker) => {
          const taken: string[] = [];
          for (let i = 0; i < 10; i++) taken.push((await worker.receive(soon)).by);
          return taken;
        }),
      );
      deepEqual(
        results,
        [0, 1, 2].map((i) => range(10).map(() => `compute_${i}`)),
        "by",
      );
    },
  },
];
