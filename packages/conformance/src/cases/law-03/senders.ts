import { deepEqual, fail, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { doneSink, forwarder, jobWorkers, relay, worker } from "../../kernels/job-workers.js";
import { Job } from "../../kernels/jobs.js";
import { OperatorRig } from "../../support/operator-rig.js";
import { collect, jobs, quiet, reaches, sendAll } from "../../support/traffic.js";
import { everyPriority } from "./priority.js";

const inOrder = (count: number) => Array.from({ length: count }, (_, n) => n);

/** Checks that the messages of each sender arrive in the order in which they were sent. */
function eachInOrder(results: readonly { readonly n: number; readonly from: string }[]): void {
  const last = new Map<string, number>();
  for (const { n, from } of results) {
    if (n < (last.get(from) ?? -1)) fail(`of sender ${from}, message ${n} came after ${last.get(from)}`);
    last.set(from, n);
  }
}

export const senders: readonly Case[] = [
  ...jobWorkers.flatMap((kernel) =>
    [1, 2, 64].map(
      (queueSize): Case => ({
        law: 3,
        name: `senders: eight that wait their turn at ${kernel.id} with a queue of ${queueSize}, each in its order`,
        async run(trial) {
          const handle = await trial.runtime().start(kernel, { queueSize });
          const each = 100;
          const sent = Promise.all(inOrder(8).map((from) => sendAll(handle, jobs(each, { from: `${from}` }))));
          eachInOrder(await collect(handle, 8 * each));
          await sent;
        },
      }),
    ),
  ),
  ...[1, 2, 7].map(
    (queueSize): Case => ({
      law: 3,
      name: `senders: two hundred sends that nobody awaits, queue of ${queueSize}, come in their order`,
      async run(trial) {
        const handle = await trial.runtime().launch(worker, { queueSize });
        const sent = jobs(200).map((job) => handle.send(job));
        await handle.activate();
        deepEqual(
          (await collect(handle, 200)).map(({ n }) => n),
          inOrder(200),
          "order of the results",
        );
        await Promise.all(sent);
      },
    }),
  ),
  {
    law: 3,
    name: "senders: those that wait are let in as they came, whatever their priority; then it ranks them",
    async run(trial) {
      const rig = await OperatorRig.start(trial, { queueSize: 2 });
      // 0 and 1 are in the queue; 2, 3, 4 wait: the priority of 4 counts only once it is in
      const sent = [10, 20, 30, 5, 255].map((priority, n) => rig.kernel.send(Job({ n }, { priority })));
      const order: number[] = [];
      for (const letIn of [2, 3, 4, undefined, undefined]) {
        order.push(...((await rig.do({ call: "receive", ...soon }))[0]?.ns ?? []));
        if (letIn !== undefined) await sent[letIn];
      }
      // of {0, 1} comes 1, of {0, 2} comes 2, of {0, 3} comes 0, of {3, 4} comes 4
      deepEqual(order, [1, 2, 0, 4, 3], "order of delivery");
    },
  },
  {
    law: 3,
    name: "senders: one that gives up does not disturb the order of the others",
    async run(trial) {
      const handle = await trial.runtime().launch(worker, { queueSize: 1 });
      const controller = new AbortController();
      const sent = jobs(40).map((job) =>
        job.n % 3 === 1 ? handle.send(job, { signal: controller.signal }).catch(() => {}) : handle.send(job),
      );
      controller.abort();
      await handle.activate();
      const kept = inOrder(40).filter((n) => n % 3 !== 1);
      deepEqual(
        (await collect(handle, kept.length)).map(({ n }) => n),
        kept,
        "order of the results",
      );
      await Promise.all(sent);
    },
  },
  {
    law: 3,
    name: "senders: kernels that send to one peer, each in its order",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(worker, { queueSize: 4 });
      const from = await Promise.all(
        [0, 1, 2].map((i) => runtime.start(forwarder.as(`forwarder_${i}`), { queueSize: 8 })),
      );
      const sent = Promise.all(from.map((one) => sendAll(one, jobs(150, { from: one.id }))));
      eachInOrder(await collect(handle, 450));
      await sent;
      await quiet(handle, { input: { accepted: 450, done: 450 } });
    },
  },
];

export const links: readonly Case[] = [
  {
    law: 3,
    name: "links: what a linked kernel sends is ranked in the queue of its target, all 256 levels",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.launch(forwarder.as("first"), { peers: { target: "last" } });
      const last = await runtime.launch(worker.as("last"));
      await sendAll(first, everyPriority(4));
      await first.activate();
      await reaches(last, { input: { queued: 1024 } });
      await last.activate();
      deepEqual(
        (await collect(last, 1024)).map(({ n }) => n),
        inOrder(1024),
        "order of delivery",
      );
    },
  },
  {
    law: 3,
    name: "links: a chain of four with small queues keeps the order of one priority",
    async run(trial) {
      const runtime = trial.runtime();
      const chain = [];
      for (const [i, queueSize] of [1, 2, 3].entries())
        chain.push(await runtime.start(relay.as(`relay_${i}`), { queueSize }));
      for (let i = 1; i < chain.length; i++) await runtime.connect(chain[i - 1] as never, chain[i] as never);
      const [first, last] = [chain[0], chain.at(-1)];
      const sent = sendAll(first as NonNullable<typeof first>, jobs(400));
      const out = await collect(last as NonNullable<typeof last>, 400);
      deepEqual(
        out.map(({ n }) => n),
        inOrder(400),
        "order of the results",
      );
      await sent;
    },
  },
  {
    law: 3,
    name: "links: what waited in an output before it was linked goes first",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(relay.as("first"));
      const last = await runtime.start(relay.as("last"), { queueSize: 3 });
      await sendAll(first, jobs(100).slice(0, 50));
      await reaches(first, { output: { queued: 50 } });
      const connected = runtime.connect(first, last);
      await sendAll(first, jobs(100).slice(50));
      deepEqual(
        (await collect(last, 100)).map(({ n }) => n),
        inOrder(100),
        "order of the results",
      );
      await connected;
    },
  },
  {
    law: 3,
    name: "links: round-robin takes turns, broadcast gives to all, each in order",
    async run(trial) {
      for (const mode of ["round-robin", "broadcast"] as const) {
        const runtime = trial.runtime();
        const first = await runtime.start(relay.as("first"));
        const ends = await Promise.all([0, 1, 2].map((i) => runtime.start(relay.as(`end_${i}`))));
        for (const end of ends) await runtime.connect(first, end, { mode });
        await sendAll(first, jobs(90));
        for (const [i, end] of ends.entries()) {
          const wanted = inOrder(90).filter((n) => mode === "broadcast" || n % 3 === i);
          deepEqual(
            (await collect(end, wanted.length)).map(({ n }) => n),
            wanted,
            `${mode}: outputs of ${end.id}`,
          );
        }
      }
    },
  },
  {
    law: 3,
    name: "links: a full target holds its sender up and changes no order",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(worker, { queueSize: 2 });
      const last = await runtime.launch(doneSink, { queueSize: 1 });
      await runtime.connect(first, last);
      const sent = sendAll(first, jobs(30));
      await reaches(first, { input: { queued: 2, inHand: 1 } });
      await last.activate();
      await sent;
      await quiet(first, { input: { done: 30 } });
      await quiet(last, { input: { accepted: 30, done: 30 } });
    },
  },
];
