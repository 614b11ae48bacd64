import { deepEqual, equal, sleep } from "../../assert.js";
import type { Case } from "../../case.js";
import { decider, jobWorkers, retrier, worker } from "../../kernels/job-workers.js";
import { gate, Job, Pass, tally } from "../../kernels/jobs.js";
import { codes, OperatorRig } from "../../support/operator-rig.js";
import { letters } from "../../support/told.js";
import { collect, counts, jobs, quiet, reaches, sendAll } from "../../support/traffic.js";

export const settling: readonly Case[] = [
  ...jobWorkers.map(
    (kernel): Case => ({
      law: 1,
      name: `expiry: ${kernel.id} is not given what is too late; that is a dead letter, the rest is done`,
      async run(trial) {
        const runtime = trial.runtime();
        const handle = await runtime.launch(kernel);
        for (const job of jobs(9)) await handle.send(Job.with(job, { expiresIn: job.n % 3 === 0 ? 1 : 60_000 }));
        await sleep(20);
        await handle.activate();
        deepEqual(
          (await collect(handle, 6)).map(({ n }) => n),
          [1, 2, 4, 5, 7, 8],
          "results",
        );
        await quiet(handle, { input: { accepted: 9, done: 6, deadLettered: 3 }, received: 6, processed: 6 });
        const found = await letters(runtime, 3, { reason: "EXPIRED" });
        deepEqual(
          found.map(({ message }) => (message as Job).n),
          [0, 3, 6],
          "dead letters",
        );
        deepEqual(
          found.map(({ attempts }) => attempts),
          [0, 0, 0],
          "attempts",
        );
      },
    }),
  ),
  {
    law: 1,
    name: "expiry: what expires while the kernel waits for more work is a dead letter too, and the wait goes on",
    async run(trial) {
      const rig = await OperatorRig.start(trial);
      await rig.kernel.deactivate();
      const ended = await rig.begin({ call: "receive" });
      await rig.kernel.send(Job({ n: 1 }, { expiresIn: 1 }));
      await sleep(20);
      await rig.kernel.reactivate();
      await reaches(rig.kernel, { input: { accepted: 1, deadLettered: 1 } });
      await rig.kernel.send(Job({ n: 2 }));
      deepEqual(await ended(), [{ code: null, ns: [2] }], "the receive");
    },
  },
  {
    law: 1,
    name: "retry: a message stays in hand between its attempts and is done once it succeeds",
    async run(trial) {
      const runtime = trial.runtime();
      await runtime.start(tally);
      const handle = await runtime.start(retrier);
      await sendAll(handle, [Job({ n: 0 }), Job({ n: 1, failures: 1 }), Job({ n: 2, failures: 2 }), Job({ n: 3 })]);
      deepEqual(
        (await collect(handle, 4)).map(({ n }) => n),
        [0, 1, 2, 3],
        "results, in order",
      );
      await quiet(handle, {
        input: { accepted: 4, done: 4, deadLettered: 0 },
        output: { accepted: 4, done: 4 },
        ...{ received: 4, processed: 4, errors: 3, sent: 4, deadLettered: 0 },
      });
      equal(runtime.deadLetters.size, 0, "dead letters");
    },
  },
  {
    law: 1,
    name: "retry: what fails at every attempt is one dead letter, which says how many there were",
    async run(trial) {
      const runtime = trial.runtime();
      await runtime.start(tally);
      const handle = await runtime.start(retrier);
      await sendAll(handle, [Job({ n: 1, failures: 99 }), Job({ n: 2 })]);
      await collect(handle, 1);
      await quiet(handle, {
        input: { accepted: 2, done: 1, deadLettered: 1 },
        received: 2,
        errors: 3,
        deadLettered: 1,
      });
      deepEqual(
        (await letters(runtime, 1)).map(({ attempts, reason }) => `${reason} ${attempts}`),
        ["KERNEL_FAILED 3"],
        "dead letters",
      );
    },
  },
  {
    law: 1,
    name: "retry: a kernel that ends between two attempts leaves one dead letter",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(retrier);
      await handle.send(Job({ n: 1, fail: "later", delay: 20 }));
      await handle.send(Job({ n: 2 }));
      await reaches(handle, { errors: 1 });
      await handle.terminate({ timeout: 100 });
      await counts(handle, { input: { accepted: 2, queued: 0, inHand: 0, done: 0, deadLettered: 2 } });
      await letters(runtime, 2);
    },
  },
  {
    law: 1,
    name: "errors: a decision settles its message once, whatever it is",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(decider);
      await sendAll(
        handle,
        jobs(6, { fail: "at once" }).filter(({ n }) => n !== 4),
      );
      const [answered] = await collect(handle, 1);
      deepEqual([answered?.n, answered?.by], [2, "onError"], "the answer of the decision");
      await quiet(handle, { input: { accepted: 5, done: 1, deadLettered: 4 }, received: 5, sent: 1 });
      const attempts = (await letters(runtime, 4)).map(({ message, attempts }) => `${(message as Job).n} ${attempts}`);
      deepEqual(attempts, ["0 1", "1 1", "3 3", "5 1"], "dead letters and attempts");
    },
  },
  {
    law: 1,
    name: "settling: with manual ack messages are in hand until they are settled, in any order, each once",
    async run(trial) {
      const rig = await OperatorRig.start(trial, { ack: "manual" });
      await sendAll(rig.kernel, jobs(5));
      for (let i = 0; i < 4; i++) deepEqual(await rig.do({ call: "receive" }), [{ code: null, ns: [i] }]);
      await counts(rig.kernel, { input: { queued: 1, inHand: 4, done: 0 }, received: 4, processed: 0 });
      for (const n of [2, 0, 3]) codes(await rig.do({ call: "settle", n }), null, "settle");
      await counts(rig.kernel, { input: { queued: 1, inHand: 1, done: 3 }, processed: 3 });
      await rig.expect({ call: "settle", n: 2 }, "INVALID_ARGUMENT");
      await counts(rig.kernel, { input: { queued: 1, inHand: 1, done: 3 } });
      codes(await rig.do({ call: "settle", n: 1 }), null, "settle");
      await counts(rig.kernel, { input: { accepted: 5, queued: 1, inHand: 0, done: 4 } });
    },
  },
  {
    law: 1,
    name: "settling: without manual ack a body cannot settle",
    async run(trial) {
      const rig = await OperatorRig.start(trial);
      await sendAll(rig.kernel, jobs(2));
      await rig.do({ call: "receive" });
      await rig.expect({ call: "settle", n: 0 }, "INVALID_ARGUMENT");
      await counts(rig.kernel, { input: { queued: 1, inHand: 1, done: 0 } });
    },
  },
  {
    law: 1,
    name: "settling: the next receive settles what the one before gave: a message, a batch, several at once",
    async run(trial) {
      const rig = await OperatorRig.start(trial);
      await sendAll(rig.kernel, jobs(12));
      await rig.do({ call: "receive" });
      await counts(rig.kernel, { input: { queued: 11, inHand: 1, done: 0 } });
      await rig.do({ call: "receiveBatch", max: 4 });
      await counts(rig.kernel, { input: { queued: 7, inHand: 4, done: 1 } });
      await rig.do({ call: "tryReceive" });
      await counts(rig.kernel, { input: { queued: 6, inHand: 1, done: 5 } });
      await rig.expect({ call: "receive", timeout: 0 }, null);
      await counts(rig.kernel, { input: { queued: 5, inHand: 1, done: 6 } });
      await rig.do({ call: "receiveBatch", max: 100 });
      await counts(rig.kernel, { input: { queued: 0, inHand: 5, done: 7 } });
      await rig.expect({ call: "receive", timeout: 0 }, "TIMEOUT");
      await counts(rig.kernel, { input: { accepted: 12, queued: 0, inHand: 0, done: 12 } });
    },
  },
  {
    law: 1,
    name: "settling: several receives at once leave nothing in hand forever",
    async run(trial) {
      const rig = await OperatorRig.start(trial);
      await sendAll(rig.kernel, jobs(6));
      await rig.do({ call: "receive", times: 3 });
      await rig.do({ call: "receive", times: 3 });
      await rig.expect({ call: "receive", timeout: 0 }, "TIMEOUT");
      await counts(rig.kernel, { input: { accepted: 6, queued: 0, inHand: 0, done: 6 } });
    },
  },
  {
    law: 1,
    name: "settling: a handle body has its message in hand until its promise and its outputs are through",
    async run(trial) {
      const runtime = trial.runtime();
      const pass = await runtime.start(gate);
      const handle = await runtime.start(worker, { queueSize: 1 });
      await handle.send(Job({ n: 1, hold: true, outputs: 3 }));
      await reaches(handle, { input: { inHand: 1, done: 0 }, sent: 0 });
      await pass.send(Pass());
      await reaches(handle, { input: { inHand: 1, done: 0 }, output: { queued: 1 }, sent: 1 });
      await collect(handle, 3);
      await quiet(handle, { input: { accepted: 1, done: 1 }, sent: 3, output: { accepted: 3, done: 3 } });
    },
  },
];
