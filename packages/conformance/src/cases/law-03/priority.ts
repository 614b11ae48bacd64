import { deepEqual, equal, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { jobWorkers, mirror, worker } from "../../kernels/job-workers.js";
import { gate, Job, Pass } from "../../kernels/jobs.js";
import { OperatorRig } from "../../support/operator-rig.js";
import { Random } from "../../support/random.js";
import { letters } from "../../support/told.js";
import { collect, jobs, reaches, sendAll } from "../../support/traffic.js";

const LEVELS = 256;

/** Several jobs of each priority, shuffled in a fixed way; `n` is the expected order of delivery. */
export function everyPriority(each: number): Job[] {
  const priorities = Array.from({ length: LEVELS * each }, (_, i) => i % LEVELS);
  const mixed = new Random(3).shuffled(priorities).map((priority, sent) => ({ priority, sent }));
  const wanted = [...mixed].sort((a, b) => b.priority - a.priority || a.sent - b.sent);
  const place = new Map(wanted.map(({ sent }, n) => [sent, n]));
  return mixed.map(({ priority, sent }) => Job({ n: place.get(sent) as number }, { priority }));
}

const inOrder = (count: number) => Array.from({ length: count }, (_, n) => n);

export const priorities: readonly Case[] = [
  ...jobWorkers.map(
    (kernel): Case => ({
      law: 3,
      name: `priority: all 256 levels, first in, first out inside each, ${kernel.id}`,
      async run(trial) {
        const handle = await trial.runtime().launch(kernel, { queueSize: 4096 });
        const all = everyPriority(8);
        await sendAll(handle, all);
        await handle.activate();
        deepEqual(
          (await collect(handle, all.length)).map(({ n }) => n),
          inOrder(all.length),
          "order of delivery",
        );
      },
    }),
  ),
  {
    law: 3,
    name: "priority: neighbours: each level goes before the one below it",
    async run(trial) {
      const handle = await trial.runtime().launch(worker);
      for (let low = 0; low < LEVELS - 1; low++) {
        await handle.send(Job({ n: 2 * low }, { priority: low }));
        await handle.send(Job({ n: 2 * low + 1 }, { priority: low + 1 }));
      }
      await handle.activate();
      const out = await collect(handle, 2 * (LEVELS - 1));
      // level p holds 2p - 1 (as the higher one) and then 2p (as the lower one)
      const wanted = inOrder(LEVELS)
        .reverse()
        .flatMap((p) => [2 * p - 1, 2 * p]);
      deepEqual(
        out.map(({ n }) => n),
        wanted.filter((n) => n >= 0 && n < out.length),
        "order of delivery",
      );
    },
  },
  {
    law: 3,
    name: "priority: a newcomer overtakes what is queued, not what is in hand",
    async run(trial) {
      const runtime = trial.runtime();
      const pass = await runtime.start(gate);
      const handle = await runtime.start(worker);
      // by requests: answers arrive in the order of the work, whereas outputs are ordered by priority again
      const order: number[] = [];
      const asked = async (n: number, priority: number, hold?: true) => {
        const { n: done } = await handle.request(Job({ n, ...(hold && { hold }) }, { priority }));
        order.push(done);
      };
      const answers = [asked(0, 1, true)];
      await reaches(handle, { input: { inHand: 1 } });
      answers.push(asked(2, 2), asked(1, 255));
      await reaches(handle, { input: { queued: 2 } });
      await pass.send(Pass());
      await Promise.all(answers);
      deepEqual(order, [0, 1, 2], "order of the answers");
    },
  },
  {
    law: 3,
    name: "priority: the default is 128, between 127 and 129",
    async run(trial) {
      const handle = await trial.runtime().launch(worker);
      await handle.send(Job({ n: 3 }, { priority: 127 }));
      await handle.send(Job({ n: 1 }));
      await handle.send(Job({ n: 2 }, { priority: 128 }));
      await handle.send(Job({ n: 0 }, { priority: 129 }));
      await handle.activate();
      deepEqual(
        (await collect(handle, 4)).map(({ n }) => n),
        [0, 1, 2, 3],
        "order of the results",
      );
    },
  },
  {
    law: 3,
    name: "priority: outputs wait in order of priority too",
    async run(trial) {
      const rig = await OperatorRig.start(trial);
      for (const [n, rank] of [5, 250, 0, 250, 128, 5, 255].entries())
        await rig.expect({ call: "send", n, rank }, null);
      deepEqual(
        (await collect(rig.kernel, 7)).map(({ n }) => n),
        [6, 1, 3, 4, 0, 5, 2],
        "order of the outputs",
      );
    },
  },
  {
    law: 3,
    name: "priority: requests are ranked like sends",
    async run(trial) {
      const handle = await trial.runtime().launch(worker);
      const answered: number[] = [];
      const ask = async (n: number, priority: number) => {
        answered.push((await handle.request(Job({ n }, { priority }), soon)).n);
      };
      const asked = [ask(3, 10), ask(1, 200), ask(2, 200), ask(4, 9), ask(0, 255)];
      await reaches(handle, { input: { queued: 5 } });
      await handle.activate();
      await Promise.all(asked);
      deepEqual(answered, [0, 1, 2, 3, 4], "order of the answers");
    },
  },
  {
    law: 3,
    name: "priority: a batch takes the highest first",
    async run(trial) {
      const rig = await OperatorRig.start(trial);
      await sendAll(rig.kernel, everyPriority(1));
      for (let start = 0; start < LEVELS; start += 64) {
        const [batch] = await rig.do({ call: "receiveBatch", max: 64 });
        deepEqual(batch?.ns, inOrder(start + 64).slice(start), "the batch");
      }
    },
  },
  {
    law: 3,
    name: "priority: pausing in between keeps the order of what is queued",
    async run(trial) {
      const rig = await OperatorRig.start(trial);
      await sendAll(rig.kernel, everyPriority(1));
      const taken: number[] = [];
      for (let round = 0; round < 8; round++) {
        const [batch] = await rig.do({ call: "receiveBatch", max: 32 });
        taken.push(...(batch?.ns ?? []));
        await rig.kernel.deactivate();
        await rig.kernel.reactivate();
      }
      deepEqual(taken, inOrder(LEVELS), "order of delivery");
    },
  },
  {
    law: 3,
    name: "priority: the kernel sees the priority that was given, and its answer inherits it by replyTo",
    async run(trial) {
      const handle = await trial.runtime().start(mirror);
      for (const priority of [0, 1, 127, 128, 200, 255]) {
        const job = Job({ n: 1 }, { priority });
        const seen = await handle.request(job, soon);
        equal(seen.rank, priority, "priority that the kernel saw");
        equal(seen.priority, priority, "priority of the answer");
        equal(seen.correlationId, job.messageId, "cause of the answer");
        deepEqual([seen.id, seen.cause], [job.messageId, null], "header that the kernel saw");
      }
    },
  },
  {
    law: 3,
    name: "priority: drained in order at the end",
    async run(trial) {
      const handle = await trial.runtime().launch(worker);
      const all = everyPriority(2);
      await sendAll(handle, all);
      await handle.activate();
      await handle.terminate({ drain: true, ...soon });
      deepEqual(
        (await collect(handle, all.length)).map(({ n }) => n),
        inOrder(all.length),
        "order of delivery",
      );
    },
  },
  {
    law: 3,
    name: "priority: dead letters of an end come in the order in which they would have been delivered",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.launch(worker);
      await sendAll(handle, everyPriority(1));
      await handle.terminate();
      const found = await letters(runtime, LEVELS, { kernelId: "worker" });
      deepEqual(
        found.map(({ message }) => (message as Job).n),
        inOrder(LEVELS),
        "order of the dead letters",
      );
    },
  },
  {
    law: 3,
    name: "order: one priority is first in, first out, ten thousand messages long",
    async run(trial) {
      const handle = await trial.runtime().start(worker, { queueSize: 100 });
      const sent = sendAll(handle, jobs(10_000));
      deepEqual(
        (await collect(handle, 10_000)).map(({ n }) => n),
        inOrder(10_000),
        "order of the results",
      );
      await sent;
    },
  },
];
