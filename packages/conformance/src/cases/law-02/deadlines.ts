import { deepEqual, equal, patience, rejects, sleep, soon, until } from "../../assert.js";
import type { Case } from "../../case.js";
import { delegate, ownDeadline, passing, passingLoop, passingOutput, passingReply } from "../../kernels/deadlines.js";
import { jobSink, worker } from "../../kernels/job-workers.js";
import { Job } from "../../kernels/jobs.js";
import { letters } from "../../support/told.js";
import { collect, counts, quiet, reaches } from "../../support/traffic.js";

/** Milliseconds in which a message reaches its target. */
const short = () => patience(150);
const over = (time: number) => sleep(time + 20);

/**
 * A message passes its deadline on to all that it causes; messages that nobody waits for any more are not processed.
 */
export const deadlines: readonly Case[] = [
  {
    law: 2,
    name: "deadline: a request that waits in the queue when its time is over is not worked on",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.launch(worker);
      await rejects(handle.request(Job({ n: 1 }), { timeout: 20 }), "TIMEOUT", "the request");
      await handle.activate();
      const [deadLetter] = await letters(runtime, 1);
      deepEqual([deadLetter?.reason, deadLetter?.attempts], ["EXPIRED", 0], "dead letter");
      await quiet(handle, { received: 0, deadLettered: 1, sent: 0 });
    },
  },
  ...[passing, passingLoop, passingReply].map(
    (kernel): Case => ({
      law: 2,
      name: `deadline: ${kernel.id}: what a message causes has its deadline`,
      async run(trial) {
        const time = short();
        const runtime = trial.runtime();
        const target = await runtime.launch(worker);
        const between = await runtime.start(kernel);
        await between.send(Job({ n: 1 }, { expiresIn: time }));
        await between.send(Job({ n: 2 }));
        await reaches(target, { input: { queued: 2 } });
        await over(time);
        await target.activate();
        deepEqual(
          (await collect(target, 1)).map(({ n }) => n),
          [2],
          "outputs",
        );
        const [deadLetter] = await letters(runtime, 1);
        deepEqual([deadLetter?.reason, deadLetter?.kernelId], ["EXPIRED", worker.id], "dead letter");
      },
    }),
  ),
  {
    law: 2,
    name: "deadline: outputs take it along a link",
    async run(trial) {
      const time = short();
      const runtime = trial.runtime();
      const [first, last] = [await runtime.start(passingOutput), await runtime.launch(jobSink)];
      await runtime.connect(first, last);
      await first.send(Job({ n: 1 }, { expiresIn: time }));
      await reaches(last, { input: { queued: 1 } });
      await over(time);
      await last.activate();
      await letters(runtime, 1, { reason: "EXPIRED", kernelId: jobSink.id });
      await counts(last, { received: 0 });
    },
  },
  {
    law: 2,
    name: "deadline: an output that waits to be received does not expire",
    async run(trial) {
      const time = short();
      const handle = await trial.runtime().start(passingOutput);
      await handle.send(Job({ n: 1 }, { expiresIn: time }));
      await reaches(handle, { output: { queued: 1 } });
      await over(time);
      equal((await handle.receive(soon)).n, 1, "the output");
    },
  },
  {
    law: 2,
    name: "deadline: a message that says so has its own, or none",
    async run(trial) {
      const time = short();
      const runtime = trial.runtime();
      const target = await runtime.launch(worker);
      const between = await runtime.start(ownDeadline);
      await between.send(Job({ n: 1 }, { expiresIn: time }));
      await between.send(Job({ n: 2, delay: time }));
      await reaches(target, { input: { queued: 2 } });
      await over(time);
      await target.activate();
      deepEqual(
        (await collect(target, 1)).map(({ n }) => n),
        [1],
        "outputs",
      );
      await letters(runtime, 1, { reason: "EXPIRED" });
    },
  },
  {
    law: 2,
    name: "deadline: whoever asks for somebody waits no longer than that one does",
    async run(trial) {
      const time = short();
      const runtime = trial.runtime();
      const helper = await runtime.launch(worker);
      const between = await runtime.start(delegate);
      await rejects(between.request(Job({ n: 1 }), { timeout: time }), "TIMEOUT", "the request");
      await quiet(between, { received: 1, processed: 0, deadLettered: 1 });
      await letters(runtime, 1, { reason: "EXPIRED", kernelId: delegate.id });
      await helper.activate();
      await quiet(helper, { received: 0, deadLettered: 1 });
      equal((await between.request(Job({ n: 2 }), soon)).n, 2, "the next answer");
    },
  },
  {
    law: 2,
    name: "deadline: an answer has the deadline of who asked, not that of the question",
    async run(trial) {
      const time = short();
      const runtime = trial.runtime();
      const [, between, last] = [
        await runtime.start(worker),
        await runtime.start(delegate),
        await runtime.launch(jobSink),
      ];
      await runtime.connect(between, last);
      const [asked, timely] = [Job({ n: 1, delay: time }), Job({ n: 2, delay: patience() }, { expiresIn: time })];
      for (const job of [asked, timely]) await between.send(job);
      await reaches(last, { input: { queued: 2 } });
      await over(time);
      await last.activate();
      await until("both are settled", async () => (await last.telemetry()).ledger.input.queued === 0);
      await letters(runtime, 1, { reason: "EXPIRED", kernelId: jobSink.id });
      await quiet(last, { processed: 1 });
    },
  },
];
