import { deepEqual, equal, PATIENCE, rejects, soon, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { batchWorker, brittle, doneSink, loopWorker, retrier, worker } from "../../kernels/job-workers.js";
import { Job } from "../../kernels/jobs.js";
import { mortalHandler, mortalLoop } from "../../kernels/mortal.js";
import { OperatorRig } from "../../support/operator-rig.js";
import { retrying, SupervisedRig } from "../../support/supervised.js";
import { letters } from "../../support/told.js";
import { collect, counts, jobs, quiet, reaches, sendAll } from "../../support/traffic.js";

const commit = { ...retrying, effects: "commit" } as const;
const numbers = (all: readonly { readonly n: number }[]) => all.map(({ n }) => n);
/** Jobs of two outputs each, of which every third crashes twice after it has sent them and notified the witness. */
const crashing = (count: number) =>
  jobs(count).map(({ n }) => Job({ n, outputs: 2, from: "host", ...(n % 3 === 0 && { failures: 2 }) }));

const attempts: readonly Case[] = [mortalLoop, mortalHandler].flatMap((kernel): Case[] => [
  {
    law: 9,
    name: `commit: ${kernel.id}: of failed attempts no output is seen, nor what went to a peer`,
    async run(trial) {
      const rig = await SupervisedRig.start(trial, kernel, { supervise: commit });
      await sendAll(rig.kernel, crashing(7));
      const outputs = (await collect(rig.kernel, 14)).map(({ n, output }) => [n, output]);
      const each = jobs(7).flatMap(({ n }) => [
        [n, 0],
        [n, 1],
      ]);
      deepEqual(outputs, each, "outputs");
      deepEqual(numbers(await collect(rig.witness, 7)), numbers(jobs(7)), "what the witness was told");
      await quiet(rig.kernel, { sent: 14, processed: 7, requeued: 6, restarts: 6, output: { accepted: 14, done: 14 } });
      await quiet(rig.witness, { received: 7, processed: 7 });
    },
  },
  {
    law: 9,
    name: `immediate: ${kernel.id}: what a failed attempt sent is there, and comes again`,
    async run(trial) {
      const rig = await SupervisedRig.start(trial, kernel, { supervise: retrying });
      await sendAll(rig.kernel, crashing(2));
      deepEqual(numbers(await collect(rig.kernel, 8)), [0, 0, 0, 0, 0, 0, 1, 1], "outputs");
      deepEqual(numbers(await collect(rig.witness, 4)), [0, 0, 0, 1], "what the witness was told");
      await quiet(rig.kernel, { sent: 8, processed: 2, requeued: 2, restarts: 2 });
    },
  },
  {
    law: 9,
    name: `commit: ${kernel.id}: a message that becomes a dead letter leaves no output`,
    async run(trial) {
      const supervise = { ...commit, onCrash: "dead-letter" } as const;
      const rig = await SupervisedRig.start(trial, kernel, { supervise });
      await sendAll(rig.kernel, [Job({ n: 0, from: "host", fail: "after output" }), Job({ n: 1, from: "host" })]);
      deepEqual(numbers(await collect(rig.kernel, 1)), [1], "outputs");
      deepEqual(numbers(await collect(rig.witness, 1)), [1], "what the witness was told");
      await quiet(rig.kernel, { sent: 1, processed: 1, deadLettered: 1, output: { accepted: 1 } });
      await counts(rig.witness, { received: 1 });
    },
  },
  {
    law: 9,
    name: `commit: ${kernel.id}: of failed attempts no linked kernel sees anything`,
    async run(trial) {
      const rig = await SupervisedRig.launch(trial, kernel, { supervise: commit });
      const sink = await rig.runtime.start(doneSink);
      await rig.runtime.connect(rig.kernel, sink);
      await rig.kernel.activate();
      await sendAll(rig.kernel, crashing(4));
      await quiet(rig.kernel, { processed: 4, restarts: 4, sent: 8 });
      await quiet(sink, { received: 8, processed: 8 });
    },
  },
]);

const moments: readonly Case[] = [
  {
    law: 9,
    name: "commit: outputs leave when the next receive settles their input",
    async run(trial) {
      for (const call of ["receive", "tryReceive", "receiveBatch"] as const) {
        const rig = await OperatorRig.start(trial, { supervise: commit });
        await sendAll(rig.kernel, jobs(2));
        await rig.do({ call: "receive" });
        for (const n of [10, 11]) await rig.expect({ call: "send", n }, null);
        await counts(rig.kernel, { sent: 0, input: { inHand: 1 }, output: { accepted: 0 } });
        deepEqual((await rig.do({ call }))[0]?.ns, [1], `what ${call} gives`);
        await counts(rig.kernel, { sent: 2, processed: 1, output: { accepted: 2 } });
        deepEqual(numbers(await collect(rig.kernel, 2)), [10, 11], "outputs");
      }
    },
  },
  {
    law: 9,
    name: "commit: outputs leave when the body returns",
    async run(trial) {
      const rig = await OperatorRig.start(trial, { supervise: commit });
      await rig.kernel.send(Job({ n: 0 }));
      await rig.do({ call: "receive" });
      await rig.expect({ call: "send", n: 10 }, null);
      await rig.end("return");
      deepEqual(numbers(await collect(rig.kernel, 1)), [10], "outputs");
      await reaches(rig.kernel, { processed: 1, deadLettered: 0 });
    },
  },
  {
    law: 9,
    name: "commit: what is sent with nothing in hand leaves at once",
    async run(trial) {
      const rig = await OperatorRig.start(trial, { supervise: commit });
      await rig.expect({ call: "send", n: 10 }, null);
      deepEqual(numbers(await collect(rig.kernel, 1)), [10], "outputs");
    },
  },
  {
    law: 9,
    name: "commit: an answer leaves with the rest, and there is no second one",
    async run(trial) {
      const rig = await OperatorRig.start(trial, { supervise: commit });
      const asked = rig.kernel.request(Job({ n: 0 }), soon);
      asked.catch(() => {}); // awaited below: a rejection before that is handled
      for (const n of [10, 20]) {
        await rig.do({ call: "receive" });
        await rig.expect({ call: "send", n }, null);
        if (n === 10) await rig.end("throw");
      }
      await rig.expect({ call: "receive", timeout: 0 }, "TIMEOUT");
      equal((await asked).n, 20, "the answer");
      await counts(rig.kernel, { sent: 1, restarts: 1, output: { accepted: 0 } });
      await letters(rig.runtime, 0);
    },
  },
  {
    law: 9,
    name: "commit: a batch that crashes leaves nothing, and everything once it succeeds",
    async run(trial) {
      const rig = await SupervisedRig.launch(trial, batchWorker, { supervise: commit });
      for (const job of jobs(9)) await rig.kernel.send(job.n === 3 ? Job({ n: 3, failures: 2 }) : job);
      await rig.kernel.activate();
      deepEqual(numbers(await collect(rig.kernel, 9)), numbers(jobs(9)), "outputs");
      await quiet(rig.kernel, { sent: 9, processed: 9, requeued: 14, restarts: 2 });
    },
  },
  ...[worker, retrier].map(
    (kernel): Case => ({
      law: 9,
      name: `commit: ${kernel.id}: what onError gives up or tries again leaves no output`,
      async run(trial) {
        const rig = await SupervisedRig.start(trial, kernel, { supervise: { effects: "commit" } });
        await sendAll(rig.kernel, [Job({ n: 0, fail: "after output", outputs: 3 }), Job({ n: 1 })]);
        deepEqual(numbers(await collect(rig.kernel, 1)), [1], "outputs");
        await quiet(rig.kernel, { sent: 1, processed: 1, deadLettered: 1, restarts: 0, output: { accepted: 1 } });
      },
    }),
  ),
];

const full: readonly Case[] = [
  ...[loopWorker, brittle].map(
    (kernel): Case => ({
      law: 9,
      name: `commit: ${kernel.id}: outputs wait for room, in order, and their input is not done before`,
      async run(trial) {
        const rig = await SupervisedRig.launch(trial, kernel, { supervise: commit, queueSize: 2 });
        const sent = sendAll(rig.kernel, jobs(6, { outputs: 3 }));
        await rig.kernel.activate();
        await reaches(rig.kernel, { input: { inHand: 1, done: 0 }, output: { queued: 2 } });
        const outputs = await collect(rig.kernel, 18);
        deepEqual(
          outputs.map(({ n, output }) => n * 3 + output),
          Array.from({ length: 18 }, (_, i) => i),
          "outputs",
        );
        await sent;
        await quiet(rig.kernel, { processed: 6, sent: 18, restarts: 0 });
      },
    }),
  ),
  ...(["receive", "receiveBatch"] as const).flatMap((call) =>
    [
      { name: "its time-out", code: "TIMEOUT", wait: { timeout: 30 } },
      { name: "an abort", code: "ABORTED", wait: { abortAfter: 30 } },
    ].map(
      ({ name, code, wait }): Case => ({
        law: 9,
        name: `commit: ${call} that waits for room for the outputs before it ends by ${name}`,
        async run(trial) {
          const rig = await OperatorRig.start(trial, { supervise: commit, queueSize: 1 });
          await rig.expect({ call: "send", n: 10 }, null);
          await rig.kernel.send(Job({ n: 0 }));
          await rig.do({ call: "receive" });
          await rig.expect({ call: "send", n: 11 }, null);
          await within(PATIENCE, rig.expect({ call, ...wait }, code), "the call");
          await counts(rig.kernel, { processed: 0, input: { inHand: 1 }, output: { queued: 1 } });
          deepEqual(numbers(await collect(rig.kernel, 1)), [10], "outputs");
          await rig.expect({ call, timeout: 20 }, "TIMEOUT");
          await counts(rig.kernel, { processed: 1, input: { inHand: 0 } });
          deepEqual(numbers(await collect(rig.kernel, 1)), [11], "outputs");
        },
      }),
    ),
  ),
  {
    law: 9,
    name: "commit: several receives at once settle nothing before its outputs were accepted",
    async run(trial) {
      const rig = await OperatorRig.start(trial, { supervise: commit, queueSize: 1 });
      await rig.expect({ call: "send", n: 10 }, null);
      await rig.kernel.send(Job({ n: 0 }));
      await rig.do({ call: "receive" });
      await rig.expect({ call: "send", n: 11 }, null);
      const ended = await rig.begin({ call: "receive", times: 2 });
      await counts(rig.kernel, { processed: 0, input: { inHand: 1 }, output: { queued: 1 } });
      deepEqual(numbers(await collect(rig.kernel, 2)), [10, 11], "outputs");
      await sendAll(rig.kernel, jobs(2));
      deepEqual(
        (await ended()).map(({ ns }) => ns[0]),
        [0, 1],
        "what the receives give",
      );
    },
  },
  ...(["receive", "tryReceive"] as const).map(
    (call): Case => ({
      law: 9,
      name: `commit: terminate ends ${call} while outputs wait for room; their input is not done`,
      async run(trial) {
        const rig = await OperatorRig.start(trial, { supervise: commit, queueSize: 1 });
        await rig.expect({ call: "send", n: 10 }, null);
        await rig.kernel.send(Job({ n: 0 }));
        await rig.do({ call: "receive" });
        await rig.expect({ call: "send", n: 11 }, null);
        if (call === "receive") await rig.begin({ call });
        else await rig.expect({ call }, null);
        await rig.kernel.terminate(soon);
        await rejects(rig.kernel.send(Job({ n: 1 })), "TERMINATED", "a send");
        await counts(rig.kernel, { processed: 0, deadLettered: 1, output: { accepted: 1 } });
        const found = await letters(rig.runtime, 1);
        deepEqual(numbers(found.map(({ message }) => message as Job)), [0], "dead letters");
      },
    }),
  ),
];

export const effects: readonly Case[] = [...attempts, ...moments, ...full];
