import type { AnyKernel } from "@ringline/core";
import { deepEqual, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { type Done, Job } from "../../kernels/jobs.js";
import {
  careless,
  keeperBatches,
  keeperHandler,
  keeperLoop,
  keeperMayfly,
  keeperStrict,
} from "../../kernels/keepers.js";
import { retrying, SupervisedRig } from "../../support/supervised.js";
import { letters } from "../../support/told.js";
import { collect, jobs, quiet, reaches, sendAll } from "../../support/traffic.js";

const keepers = [keeperLoop, keeperHandler] as const;
const commit = { ...retrying, effects: "commit" } as const;
const sums = (outputs: readonly Done[]) => outputs.map(({ n }) => n);

/** Sums of 1, 2, 3, … */
const running = (count: number) => jobs(count).map(({ n }) => ((n + 1) * (n + 2)) / 2);
const numbered = (count: number) => jobs(count).map(({ n }) => Job({ n: n + 1 }));

/** Cases in which a kernel's saved state is there in its next incarnation, once, and in no other kernel. */
export const state: readonly Case[] = [
  ...keepers.map(
    (kernel): Case => ({
      law: 9,
      name: `state: ${kernel.id} goes on where it was, crash or no crash`,
      async run(trial) {
        const rig = await SupervisedRig.start(trial, kernel, { supervise: { onCrash: "dead-letter" } });
        const broken = Job({ n: 0, fail: "later" });
        await sendAll(
          rig.kernel,
          numbered(6).flatMap((job) => (job.n % 2 === 0 ? [job, broken] : [job])),
        );
        const outputs = await collect(rig.kernel, 9);
        deepEqual([...new Set(sums(outputs))], running(6), "sums");
        await quiet(rig.kernel, { restarts: 3, processed: 6, deadLettered: 3 });
      },
    }),
  ),
  ...keepers.map(
    (kernel): Case => ({
      law: 9,
      name: `state: ${kernel.id}: with commit a retry neither doubles nor loses it`,
      async run(trial) {
        const rig = await SupervisedRig.start(trial, kernel, { supervise: commit });
        const all = numbered(9).map(({ n }) => Job({ n, ...(n % 3 === 0 && { failures: 2 }) }));
        await sendAll(rig.kernel, all);
        deepEqual(sums(await collect(rig.kernel, 9)), running(9), "sums");
        await quiet(rig.kernel, { restarts: 6, processed: 9, requeued: 6, sent: 9 });
      },
    }),
  ),
  ...keepers.map(
    (kernel): Case => ({
      law: 9,
      name: `state: ${kernel.id}: with commit what becomes a dead letter leaves no trace in it`,
      async run(trial) {
        const rig = await SupervisedRig.start(trial, kernel, { supervise: { ...commit, onCrash: "dead-letter" } });
        await sendAll(rig.kernel, [Job({ n: 1 }), Job({ n: 10, fail: "after output" }), Job({ n: 2 })]);
        deepEqual(
          (await collect(rig.kernel, 2)).map(({ from }) => from),
          ["1", "1,2"],
          "what went in",
        );
        await letters(rig.runtime, 1);
      },
    }),
  ),
  {
    law: 9,
    name: "state: without commit it counts from the checkpoint on, also for what is tried again",
    async run(trial) {
      const rig = await SupervisedRig.start(trial, keeperLoop, { supervise: retrying });
      await rig.kernel.send(Job({ n: 1, failures: 1 }));
      deepEqual(
        (await collect(rig.kernel, 2)).map(({ from }) => from),
        ["1", "1,1"],
        "what went in",
      );
    },
  },
  {
    law: 9,
    name: "state: with commit a batch that is tried again counts once",
    async run(trial) {
      const rig = await SupervisedRig.launch(trial, keeperBatches, { supervise: commit });
      for (const job of numbered(8))
        await rig.kernel.send(job.n === 3 || job.n === 6 ? Job({ n: job.n, failures: 1 }) : job);
      await rig.kernel.activate();
      await reaches(rig.kernel, { restarts: 2, input: { queued: 0 } });
      let last: Done | undefined;
      while (last === undefined || last.n < 36) last = await rig.kernel.receive(soon);
      deepEqual(last.from, "1,2,3,4,5,6,7,8", "what went in");
    },
  },
  {
    law: 9,
    name: "state: with commit it is kept where a message comes twice in a row, and the second time fails",
    async run(trial) {
      const rig = await SupervisedRig.start(trial, keeperStrict, { supervise: { ...commit, onCrash: "dead-letter" } });
      const twice = Job({ n: 1 });
      await sendAll(rig.kernel, [twice, twice, Job({ n: 2 })]);
      deepEqual(
        (await collect(rig.kernel, 2)).map(({ from }) => from),
        ["1", "1,2"],
        "what went in",
      );
      await letters(rig.runtime, 1);
    },
  },
  {
    law: 9,
    name: "state: with commit nothing is kept of several checkpoints of a message that fails",
    async run(trial) {
      const rig = await SupervisedRig.start(trial, keeperStrict, { supervise: { ...commit, onCrash: "dead-letter" } });
      await sendAll(rig.kernel, [Job({ n: 1 }), Job({ n: 10, fail: "later" }), Job({ n: 2 })]);
      deepEqual(
        (await collect(rig.kernel, 2)).map(({ from }) => from),
        ["1", "1,2"],
        "what went in",
      );
      await letters(rig.runtime, 1);
    },
  },
  {
    law: 9,
    name: "state: a body that returns and lives again has it too",
    async run(trial) {
      const rig = await SupervisedRig.start(trial, keeperMayfly);
      await sendAll(rig.kernel, numbered(4));
      deepEqual(sums(await collect(rig.kernel, 4)), running(4), "sums");
    },
  },
  {
    law: 9,
    name: "state: a new launch under the same id begins with none",
    async run(trial) {
      const rig = await SupervisedRig.start(trial, keeperLoop);
      await rig.kernel.send(Job({ n: 5 }));
      deepEqual(sums(await collect(rig.kernel, 1)), [5], "sums");
      await rig.kernel.terminate();
      const again = await rig.runtime.start(keeperLoop as AnyKernel);
      await rig.runtime.send(again, Job({ n: 1 }) as never);
      deepEqual(((await rig.runtime.receive(again, soon)) as Done).n, 1, "sum");
    },
  },
  {
    law: 9,
    name: "state: is a copy both ways; what fails its schema or cannot be copied is refused",
    async run(trial) {
      const rig = await SupervisedRig.start(trial, careless);
      const tries = { mutates: "7", invalid: "INVALID_MESSAGE", "with a function": "SERIALIZATION" };
      for (const [from, said] of Object.entries(tries)) {
        await rig.kernel.send(Job({ n: 7, from }));
        deepEqual((await collect(rig.kernel, 1))[0]?.from, said, from);
      }
    },
  },
];
