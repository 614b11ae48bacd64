import { deepEqual, equal, ok, patience, sleep } from "../../assert.js";
import type { Case } from "../../case.js";
import { batchWorker, brittle, loopWorker, manualWorker } from "../../kernels/job-workers.js";
import { Job } from "../../kernels/jobs.js";
import { hesitant, mortalHandler, mortalLoop } from "../../kernels/mortal.js";
import { OperatorRig } from "../../support/operator-rig.js";
import { Random } from "../../support/random.js";
import { quick, retrying, SupervisedRig } from "../../support/supervised.js";
import { errorEvents, letters } from "../../support/told.js";
import { collect, counts, jobs, quiet, reaches, sendAll } from "../../support/traffic.js";

const fatal = [loopWorker, manualWorker, brittle] as const;
const numbers = (outputs: readonly { readonly n: number }[]) => outputs.map(({ n }) => n);
const held = async (rig: OperatorRig) => (await rig.do({ call: "receive" }))[0]?.ns;

const deadLettered: readonly Case[] = [
  ...fatal.map(
    (kernel): Case => ({
      law: 9,
      name: `crash: ${kernel.id} keeps its queue in order; what was in hand becomes a dead letter`,
      async run(trial) {
        const rig = await SupervisedRig.launch(trial, kernel, { supervise: quick });
        for (const job of jobs(10)) await rig.kernel.send(job.n % 3 === 2 ? Job({ n: job.n, fail: "at once" }) : job);
        await rig.kernel.activate();
        deepEqual(numbers(await collect(rig.kernel, 7)), [0, 1, 3, 4, 6, 7, 9], "outputs");
        await quiet(rig.kernel, {
          input: { accepted: 10, done: 7, deadLettered: 3, dropped: 0 },
          ...{ received: 10, processed: 7, deadLettered: 3, requeued: 0, errors: 3, restarts: 3, sent: 7 },
        });
        equal(rig.kernel.state, "active", "state");
        const found = await letters(rig.runtime, 3);
        deepEqual(numbers(found.map(({ message }) => message as Job)), [2, 5, 8], "dead letters");
      },
    }),
  ),
  {
    law: 9,
    name: "crash: the dead letter says what failed, how often it was tried, where and why",
    async run(trial) {
      const rig = await SupervisedRig.start(trial, loopWorker, { id: "unlucky", supervise: quick });
      const job = Job({ n: 7, fail: "at once" });
      await rig.kernel.send(job);
      const [deadLetter] = await letters(rig.runtime, 1);
      ok(deadLetter, "a dead letter");
      const { reason, attempts, error, kernelId } = deadLetter;
      deepEqual([reason, attempts, kernelId], ["KERNEL_FAILED", 1, "unlucky"], "reason, attempts, kernel");
      deepEqual([error.code, error.kernelId, error.messageId], ["KERNEL_FAILED", "unlucky", job.messageId], "error");
      deepEqual(
        [(error.cause as Error).name, (error.cause as Error).message],
        ["RangeError", "job 7 was told to fail"],
      );
      deepEqual([(deadLetter.message as Job).n, deadLetter.message.messageId], [7, job.messageId], "message");
      const [event] = await errorEvents(trial, 1);
      deepEqual([event?.kernelId, event?.messageId], ["unlucky", job.messageId], "error event");
    },
  },
  {
    law: 9,
    name: "crash: of several messages in hand those that were settled stay done, the others become dead letters",
    async run(trial) {
      const rig = await OperatorRig.start(trial, { ack: "manual", supervise: quick });
      await sendAll(rig.kernel, jobs(5));
      for (let i = 0; i < 3; i++) await rig.do({ call: "receive" });
      await rig.expect({ call: "settle", n: 1 }, null);
      await rig.end("throw");
      deepEqual(await held(rig), [3], "what the next life gets");
      const found = await letters(rig.runtime, 2);
      deepEqual(numbers(found.map(({ message }) => message as Job)), [0, 2], "dead letters");
      await counts(rig.kernel, { input: { accepted: 5, queued: 1, inHand: 1, done: 1, deadLettered: 2 } });
    },
  },
];

const retried: readonly Case[] = [
  ...fatal.map(
    (kernel): Case => ({
      law: 9,
      name: `retry: ${kernel.id} does everything in order, however often it crashes`,
      async run(trial) {
        const rig = await SupervisedRig.launch(trial, kernel, { supervise: retrying });
        for (const job of jobs(8)) await rig.kernel.send(job.n % 3 === 0 ? Job({ n: job.n, failures: 2 }) : job);
        await rig.kernel.activate();
        deepEqual(numbers(await collect(rig.kernel, 8)), numbers(jobs(8)), "outputs");
        await quiet(rig.kernel, {
          input: { accepted: 8, done: 8, deadLettered: 0 },
          output: { accepted: 8 },
          ...{ received: 14, processed: 8, deadLettered: 0, requeued: 6, errors: 6, restarts: 6, sent: 8 },
        });
        await letters(rig.runtime, 0);
      },
    }),
  ),
  {
    law: 9,
    name: "retry: what was in hand comes before everything else, whatever its priority",
    async run(trial) {
      const rig = await SupervisedRig.start(trial, loopWorker, { supervise: retrying });
      await rig.kernel.send(Job({ n: 0, hold: true, failures: 1 }, { priority: 0 }));
      await reaches(rig.kernel, { input: { inHand: 1 } });
      await rig.kernel.send(Job({ n: 1, hold: true }, { priority: 255 }));
      for (let i = 0; i < 2; i++) await rig.pass();
      // one after the other: outputs that wait for a receiver are ordered by priority
      deepEqual(numbers(await collect(rig.kernel, 1)), [0], "first output");
      await rig.pass();
      deepEqual(numbers(await collect(rig.kernel, 1)), [1], "second output");
    },
  },
  {
    law: 9,
    name: "retry: several messages in hand come again in the order in which they came first",
    async run(trial) {
      const rig = await OperatorRig.start(trial, { ack: "manual", supervise: retrying });
      await sendAll(rig.kernel, jobs(6));
      for (let i = 0; i < 3; i++) await rig.do({ call: "receive" });
      await rig.expect({ call: "settle", n: 0 }, null);
      await rig.do({ call: "receive" });
      await rig.end("throw");
      for (const n of [1, 2, 3, 4, 5]) deepEqual(await held(rig), [n], "what the next life gets");
      await counts(rig.kernel, { received: 9, requeued: 3, restarts: 1, input: { inHand: 5, done: 1 } });
    },
  },
  {
    law: 9,
    name: "retry: a second crash while others wait to come again does not change their order",
    async run(trial) {
      const rig = await OperatorRig.start(trial, { ack: "manual", supervise: retrying });
      await sendAll(rig.kernel, jobs(4));
      for (let i = 0; i < 3; i++) await rig.do({ call: "receive" });
      await rig.end("throw");
      deepEqual(await held(rig), [0], "what the second life gets");
      await rig.end("throw");
      for (const n of [0, 1, 2, 3]) deepEqual(await held(rig), [n], "what the third life gets");
      await counts(rig.kernel, { received: 8, requeued: 4, restarts: 2, input: { inHand: 4 } });
    },
  },
  {
    law: 9,
    name: "retry: a batch comes again as a whole, at least once",
    async run(trial) {
      const rig = await SupervisedRig.launch(trial, batchWorker, { supervise: retrying });
      for (const job of jobs(9)) await rig.kernel.send(job.n === 3 ? Job({ n: 3, failures: 1 }) : job);
      await rig.kernel.activate();
      deepEqual(numbers(await collect(rig.kernel, 12)), [0, 1, 2, 0, 1, 2, 3, 4, 5, 6, 7, 8], "outputs");
      // a loop settles its last batch when it receives again
      await quiet(rig.kernel, { received: 16, processed: 9, requeued: 7, errors: 1, restarts: 1, deadLettered: 0 });
    },
  },
  {
    law: 9,
    name: "retry: attempts add up over the lives, also where the kernel gives a message up itself",
    async run(trial) {
      const rig = await SupervisedRig.start(trial, hesitant);
      await rig.kernel.send(Job({ n: 1 }));
      const [deadLetter] = await letters(rig.runtime, 1);
      deepEqual([deadLetter?.reason, deadLetter?.attempts], ["KERNEL_FAILED", 2], "reason and attempts");
      await quiet(rig.kernel, { received: 2, requeued: 1, errors: 2, restarts: 1, deadLettered: 1 });
    },
  },
  {
    law: 9,
    name: "retry: attempts are those of a delivery: the same message sent twice has its own each time",
    async run(trial) {
      const rig = await SupervisedRig.start(trial, hesitant);
      const job = Job({ n: 1 });
      for (const attempts of [2, 1]) {
        await rig.kernel.send(job);
        await letters(rig.runtime, 1);
        deepEqual(rig.runtime.deadLetters.take()[0]?.attempts, attempts, "attempts");
      }
    },
  },
  {
    law: 9,
    name: "retry: a message that expires meanwhile is not delivered again",
    async run(trial) {
      const rig = await SupervisedRig.launch(trial, loopWorker, { supervise: retrying });
      const time = patience(400); // in which it is delivered
      await rig.kernel.send(Job({ n: 0, hold: true, failures: 9 }, { expiresIn: time }));
      await rig.kernel.activate();
      await reaches(rig.kernel, { input: { inHand: 1 } });
      await sleep(time + 10);
      await rig.pass();
      const found = await letters(rig.runtime, 2); // the clerk is asked with the same message, which has expired for it too
      const deadLetter = found.find(({ kernelId }) => kernelId === loopWorker.id);
      deepEqual([deadLetter?.reason, deadLetter?.attempts], ["EXPIRED", 1], "reason and attempts");
      await quiet(rig.kernel, { received: 1, requeued: 1, deadLettered: 1, restarts: 1 });
    },
  },
];

const many: readonly Case[] = [mortalLoop, mortalHandler].map((kernel) => ({
  law: 9,
  name: `retry: ${kernel.id}: 200 jobs, one in five of which crashes, up to three times`,
  async run(trial) {
    const random = new Random(9);
    const all = jobs(200).map(({ n }) => (random.chance(0.2) ? Job({ n, failures: 1 + random.below(3) }) : Job({ n })));
    const crashes = all.reduce((sum, { failures = 0 }) => sum + failures, 0);
    const rig = await SupervisedRig.start(trial, kernel, { supervise: { onCrash: "retry", effects: "commit" } });
    const sent = sendAll(rig.kernel, all);
    deepEqual(numbers(await collect(rig.kernel, 200)), numbers(all), "outputs");
    await sent;
    await quiet(rig.kernel, {
      input: { accepted: 200, done: 200, deadLettered: 0, dropped: 0 },
      output: { accepted: 200, done: 200 },
      ...{ received: 200 + crashes, processed: 200, requeued: crashes, errors: crashes, restarts: crashes, sent: 200 },
    });
    const attempts = (await rig.restarted(crashes)).map(({ attempt }) => attempt);
    deepEqual(
      attempts,
      attempts.map((_, i) => i + 1),
      "restart events",
    );
  },
}));

export const crashes: readonly Case[] = [...deadLettered, ...retried, ...many];
