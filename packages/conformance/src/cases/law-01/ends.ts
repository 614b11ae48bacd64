import { deepEqual, equal, rejects, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { jobWorkers, loopWorker, worker } from "../../kernels/job-workers.js";
import { gate, Job, Pass } from "../../kernels/jobs.js";
import { settled } from "../../ledger.js";
import { letters } from "../../support/told.js";
import { collect, counts, jobs, quiet, reaches, sendAll } from "../../support/traffic.js";

const states = ["launched", "deactivated"] as const;

export const ends: readonly Case[] = [
  ...jobWorkers.flatMap((kernel) =>
    states.flatMap((state) =>
      [false, true].map(
        (drain): Case => ({
          law: 1,
          name: `end: ${kernel.id}, ${state}, terminated ${drain ? "with" : "without"} drain: its queue becomes dead letters`,
          async run(trial) {
            const runtime = trial.runtime();
            const handle = await runtime.launch(kernel);
            if (state === "deactivated") {
              await handle.activate();
              await handle.deactivate();
            }
            await sendAll(handle, jobs(5));
            await handle.terminate({ drain });
            await counts(handle, {
              input: { accepted: 5, queued: 0, inHand: 0, done: 0, deadLettered: 5 },
              received: 0,
            });
            const found = await letters(runtime, 5, { kernelId: kernel.id, reason: "TERMINATED" });
            deepEqual(
              found.map(({ message }) => (message as Job).n),
              [0, 1, 2, 3, 4],
              "dead letters",
            );
            deepEqual([...new Set(found.map(({ attempts }) => attempts))], [0], "attempts");
          },
        }),
      ),
    ),
  ),
  ...jobWorkers.flatMap((kernel): readonly Case[] => [
    {
      law: 1,
      name: `end: ${kernel.id}, active, terminated with drain: all that was accepted is done`,
      async run(trial) {
        const runtime = trial.runtime();
        const handle = await runtime.launch(kernel);
        await sendAll(handle, jobs(100));
        await handle.activate();
        await handle.terminate({ drain: true, ...soon });
        await counts(handle, {
          input: { accepted: 100, done: 100, deadLettered: 0 },
          output: { accepted: 100, queued: 100 },
          ...{ received: 100, processed: 100, sent: 100 },
        });
        equal((await collect(handle, 100)).length, 100, "outputs that stay there");
        equal(runtime.deadLetters.size, 0, "dead letters");
      },
    },
    {
      law: 1,
      name: `end: ${kernel.id}, active, terminated without drain: what waits behind the work is not delivered any more`,
      async run(trial) {
        const runtime = trial.runtime();
        const pass = await runtime.start(gate);
        const handle = await runtime.start(kernel, { queueSize: 100 });
        // more than a batch; the first one is held until the kernel has been asked to end
        await handle.deactivate(); // so that the first batch is full
        await sendAll(handle, jobs(50, { hold: true }));
        await handle.reactivate();
        await reaches(handle, kernel.id === "batchWorker" ? { input: { inHand: 7 } } : { input: { inHand: 1 } });
        const before = (await handle.telemetry()).received;
        const ended = handle.terminate(soon);
        await sendAll(
          pass,
          jobs(50).map(() => Pass()),
        );
        await ended;
        const { ledger, received } = await handle.telemetry();
        equal(received, before, "deliveries after the kernel was asked to end");
        settled(kernel.id, ledger.input);
        equal(ledger.input.done + ledger.input.deadLettered, 50, "done and dead letters");
      },
    },
  ]),
  {
    law: 1,
    name: "end: senders that wait when a kernel is terminated are not accepted and not counted",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.launch(worker, { queueSize: 2 });
      await sendAll(handle, jobs(2));
      const parked = jobs(5).map((job) => rejects(handle.send(job), "TERMINATED", "a parked send"));
      await handle.terminate();
      await Promise.all(parked);
      await counts(handle, { input: { accepted: 2, deadLettered: 2 }, rejected: 0 });
      await letters(runtime, 2);
    },
  },
  ...[worker, loopWorker].map(
    (kernel): Case => ({
      law: 1,
      name: `end: ${kernel.id} that does not end in time is abandoned: its message is a dead letter after one attempt`,
      async run(trial) {
        const runtime = trial.runtime();
        const handle = await runtime.start(kernel);
        await handle.send(Job({ n: 1, delay: 400 }));
        await handle.send(Job({ n: 2 }));
        await reaches(handle, { input: { inHand: 1 } });
        await handle.terminate({ timeout: 1 });
        await counts(handle, { input: { accepted: 2, queued: 0, inHand: 0, done: 0, deadLettered: 2 } });
        const found = await letters(runtime, 2, { kernelId: kernel.id });
        deepEqual(
          found.map(({ attempts, reason }) => `${reason} ${attempts}`),
          ["TERMINATED 1", "TERMINATED 0"],
        );
      },
    }),
  ),
  {
    law: 1,
    name: "end: a second terminate changes no account",
    async run(trial) {
      const handle = await trial.runtime().start(worker);
      await sendAll(handle, jobs(3));
      await quiet(handle);
      await Promise.all([handle.terminate(), handle.terminate({ drain: true })]);
      await handle.terminate();
      await counts(handle, { input: { accepted: 3, done: 3, deadLettered: 0 }, output: { accepted: 3, queued: 3 } });
    },
  },
  {
    law: 1,
    name: "end: a kernel launched again starts from zero, and dispose adds up all its lives",
    async run(trial) {
      const runtime = trial.runtime();
      for (const count of [3, 5]) {
        const handle = await runtime.start(worker);
        await sendAll(handle, jobs(count));
        await quiet(handle, { input: { accepted: count, done: count }, received: count });
        await handle.terminate();
      }
      const last = await runtime.launch(worker);
      await last.send(Job({ n: 0 }));
      const ledgers = await runtime.dispose();
      const wanted = { accepted: 9, queued: 0, inHand: 0, done: 8, dropped: 0, deadLettered: 1 };
      deepEqual(ledgers.get("worker.input"), wanted, "ledger of the input");
      deepEqual(ledgers.get("worker.output"), { ...wanted, accepted: 8, done: 0, deadLettered: 8 }, "of the output");
    },
  },
  {
    law: 1,
    name: "end: outputs that nobody read become dead letters at dispose",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(worker);
      await sendAll(handle, jobs(4));
      await quiet(handle);
      await handle.receive();
      await runtime.dispose();
      const found = await letters(runtime, 3, { reason: "TERMINATED" });
      deepEqual(
        found.map(({ kernelId, attempts }) => `${kernelId} ${attempts}`),
        ["worker 0", "worker 0", "worker 0"],
      );
    },
  },
];
