import { deepEqual, equal, rejects, soon, until } from "../../assert.js";
import type { Case } from "../../case.js";
import { batchWorker, brittle, loopWorker, manualWorker, worker } from "../../kernels/job-workers.js";
import { Job } from "../../kernels/jobs.js";
import { codes, OperatorRig } from "../../support/operator-rig.js";
import { letters } from "../../support/told.js";
import { collect, counts, jobs, quiet, reaches, sendAll } from "../../support/traffic.js";

const fatal = [loopWorker, manualWorker, brittle] as const;
const moments = ["at once", "later", "after output"] as const;

export const crashes: readonly Case[] = [
  ...moments.map(
    (fail): Case => ({
      law: 1,
      name: `crash: a handle body that throws ${fail} loses its message to the dead letters, and no other`,
      async run(trial) {
        const runtime = trial.runtime();
        const handle = await runtime.start(worker);
        for (const job of jobs(6)) await handle.send(job.n % 3 === 1 ? Job({ n: job.n, fail }) : job);
        const outputs = fail === "after output" ? 6 : 4;
        await collect(handle, outputs);
        await quiet(handle, {
          input: { accepted: 6, done: 4, dropped: 0, deadLettered: 2 },
          output: { accepted: outputs, done: outputs },
          ...{ received: 6, processed: 4, deadLettered: 2, errors: 2, sent: outputs },
        });
        const found = await letters(runtime, 2, { kernelId: "worker" });
        deepEqual(
          found.map(({ message }) => (message as Job).n),
          [1, 4],
          "dead letters",
        );
        for (const { reason, attempts, error } of found) {
          deepEqual([reason, attempts, error.code], ["KERNEL_FAILED", 1, "KERNEL_FAILED"], "reason, attempts, code");
        }
      },
    }),
  ),
  ...fatal.flatMap((kernel) =>
    moments.map(
      (fail): Case => ({
        law: 1,
        name: `crash: ${kernel.id} that throws ${fail} leaves its message and its queue to the dead letters`,
        async run(trial) {
          const runtime = trial.runtime();
          const handle = await runtime.launch(kernel);
          for (const job of jobs(10)) await handle.send(job.n === 3 ? Job({ n: 3, fail }) : job);
          await handle.activate();
          await reaches(handle, { input: { accepted: 10, queued: 0, inHand: 0, done: 3, deadLettered: 7 } });
          equal(handle.state, "failed", "state");
          const outputs = fail === "after output" ? 4 : 3;
          await counts(handle, { received: 4, processed: 3, sent: outputs, errors: 1, output: { queued: outputs } });
          const found = await letters(runtime, 7);
          deepEqual(
            found.map(({ message }) => (message as Job).n),
            [3, 4, 5, 6, 7, 8, 9],
            "dead letters",
          );
          deepEqual(
            found.map(({ attempts }) => attempts),
            [1, 0, 0, 0, 0, 0, 0],
            "attempts",
          );
          deepEqual([...new Set(found.map(({ reason }) => reason))], ["KERNEL_FAILED"], "reasons");
          // what it had sent stays there for its receivers
          deepEqual(
            (await collect(handle, outputs)).map(({ n }) => n),
            [0, 1, 2, 3].slice(0, outputs),
            "outputs",
          );
          await rejects(handle.receive(soon), "KERNEL_FAILED", "a receive after the last output");
        },
      }),
    ),
  ),
  {
    law: 1,
    name: "crash: a batch in hand becomes dead letters, each message of it",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.launch(batchWorker);
      await sendAll(handle, [...jobs(2), Job({ n: 2, fail: "at once" }), ...jobs(9).slice(3)]);
      await handle.activate();
      // 7 fit in a batch: those before the failure had been worked on, but only the batch as a whole is done
      await reaches(handle, { input: { accepted: 9, queued: 0, inHand: 0, done: 0, deadLettered: 9 }, received: 7 });
      const attempts = (await letters(runtime, 9)).map(({ attempts }) => attempts);
      deepEqual(attempts, [1, 1, 1, 1, 1, 1, 1, 0, 0], "attempts");
    },
  },
  {
    law: 1,
    name: "crash: with manual ack every message in hand becomes a dead letter, settled ones do not",
    async run(trial) {
      const rig = await OperatorRig.start(trial, { ack: "manual" });
      await sendAll(rig.kernel, jobs(6));
      for (let i = 0; i < 4; i++) await rig.do({ call: "receive" });
      codes(await rig.do({ call: "settle", n: 2 }), null, "settle");
      await counts(rig.kernel, { input: { accepted: 6, queued: 2, inHand: 3, done: 1 } });
      await rig.end("throw");
      await reaches(rig.kernel, { input: { accepted: 6, queued: 0, inHand: 0, done: 1, deadLettered: 5 } });
      const found = await letters(rig.runtime, 5, { kernelId: rig.kernel.id });
      deepEqual(found.map(({ message }) => (message as Job).n).sort(), [0, 1, 3, 4, 5], "dead letters");
      deepEqual(found.map(({ attempts }) => attempts).sort(), [0, 0, 1, 1, 1], "attempts");
    },
  },
  {
    law: 1,
    name: "crash: a body that returns settles what it has and leaves its queue to the dead letters",
    async run(trial) {
      const rig = await OperatorRig.start(trial);
      await sendAll(rig.kernel, jobs(3));
      await rig.do({ call: "receive" });
      await rig.end("return");
      await reaches(rig.kernel, { input: { accepted: 3, queued: 0, inHand: 0, done: 1, deadLettered: 2 } });
      await until("its end", () => rig.kernel.state === "terminated");
      const reasons = (await letters(rig.runtime, 2, { kernelId: rig.kernel.id })).map(({ reason }) => reason);
      deepEqual(reasons, ["TERMINATED", "TERMINATED"], "reasons");
    },
  },
];
