import { deepEqual, equal, rejects, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import {
  decider,
  doneSink,
  forwarder,
  jobSink,
  jobWorkers,
  relay,
  retrier,
  worker,
} from "../../kernels/job-workers.js";
import { Job, tally } from "../../kernels/jobs.js";
import { codes, OperatorRig } from "../../support/operator-rig.js";
import { collect, counts, jobs, quiet, sendAll } from "../../support/traffic.js";

const none = {
  ...{ received: 0, processed: 0, sent: 0, dropped: 0, rejected: 0, deadLettered: 0, requeued: 0, errors: 0 },
  ...{ restarts: 0 },
};
const nothing = { accepted: 0, queued: 0, inHand: 0, done: 0, dropped: 0, deadLettered: 0 };

const perBody: readonly Case[] = jobWorkers.map(
  (kernel): Case => ({
    law: 7,
    name: `counters: ${kernel.id} under scripted traffic, each counter exact`,
    async run(trial) {
      const handle = await trial.runtime().launch(kernel, { queueSize: 30 });
      await counts(handle, { ...none, input: nothing, output: nothing }, "launched");
      await sendAll(
        handle,
        jobs(30).map(({ n }) => Job({ n, outputs: n % 3 })),
      );
      await counts(handle, { ...none, input: { ...nothing, accepted: 30, queued: 30 } }, "sent to");
      await handle.activate();
      const after = { ...none, received: 30, processed: 30, sent: 30 };
      await quiet(handle, {
        ...after,
        input: { ...nothing, accepted: 30, done: 30 },
        output: { ...nothing, accepted: 30, queued: 30 },
      });
      await collect(handle, 12);
      await counts(handle, { ...after, output: { ...nothing, accepted: 30, queued: 18, done: 12 } }, "read from");
      equal((await handle.request(Job({ n: 99 }), soon)).n, 99, "answer");
      await quiet(handle, { ...after, received: 31, processed: 31, sent: 31, output: { accepted: 30, queued: 18 } });
      await handle.terminate();
      await counts(handle, { ...after, received: 31, processed: 31, sent: 31 }, "terminated");
    },
  }),
);

const oneByOne: readonly Case[] = [
  {
    law: 7,
    name: "counters: received are deliveries, processed is what is done, step by step",
    async run(trial) {
      const rig = await OperatorRig.start(trial, { ack: "manual" });
      await sendAll(rig.kernel, jobs(4));
      await counts(rig.kernel, { ...none, input: { ...nothing, accepted: 4, queued: 4 } });
      await rig.do({ call: "receive" });
      await counts(rig.kernel, { ...none, received: 1, input: { ...nothing, accepted: 4, queued: 3, inHand: 1 } });
      await rig.do({ call: "receiveBatch", max: 2 });
      await counts(rig.kernel, { ...none, received: 3, input: { ...nothing, accepted: 4, queued: 1, inHand: 3 } });
      codes(await rig.do({ call: "settle", n: 1 }), null, "settle");
      await counts(rig.kernel, {
        ...{ ...none, received: 3, processed: 1 },
        input: { ...nothing, accepted: 4, queued: 1, inHand: 2, done: 1 },
      });
      await rig.expect({ call: "send" }, null);
      await counts(rig.kernel, {
        ...none,
        received: 3,
        processed: 1,
        sent: 1,
        output: { ...nothing, accepted: 1, queued: 1 },
      });
    },
  },
  {
    law: 7,
    name: "counters: rejected are those refused by a full input, and nothing else",
    async run(trial) {
      const handle = await trial.runtime().launch(worker, { queueSize: 2, backpressure: "reject" });
      await sendAll(handle, jobs(2));
      for (const job of jobs(3)) await rejects(handle.send(job), "QUEUE_FULL");
      await rejects(handle.send(Job({ n: 1 }), { timeout: 5 }), "QUEUE_FULL");
      await rejects(handle.request(Job({ n: 1 })), "QUEUE_FULL");
      await rejects(handle.send(Job({ n: 1 }), { timeout: -1 }), "INVALID_ARGUMENT");
      await rejects(handle.send(Job({ n: 1 }), { signal: AbortSignal.abort() }), "ABORTED");
      await counts(handle, { ...none, rejected: 5, input: { ...nothing, accepted: 2, queued: 2 } });
    },
  },
  {
    law: 7,
    name: "counters: a wait that gives up is neither rejected nor accepted",
    async run(trial) {
      const handle = await trial.runtime().launch(worker, { queueSize: 1 });
      await handle.send(Job({ n: 0 }));
      await rejects(handle.send(Job({ n: 1 }), { timeout: 5 }), "TIMEOUT");
      await rejects(handle.send(Job({ n: 1 }), { timeout: 0 }), "TIMEOUT");
      await rejects(handle.receive({ timeout: 0 }), "TIMEOUT");
      await counts(handle, { ...none, input: { ...nothing, accepted: 1, queued: 1 }, output: nothing });
    },
  },
  {
    law: 7,
    name: "counters: dropped are those that made room",
    async run(trial) {
      const handle = await trial.runtime().launch(worker, { queueSize: 3, backpressure: "drop-oldest" });
      await sendAll(handle, jobs(10));
      await counts(handle, { ...none, dropped: 7, input: { ...nothing, accepted: 10, queued: 3, dropped: 7 } });
      await handle.activate();
      await collect(handle, 3);
      await quiet(handle, { ...none, dropped: 7, received: 3, processed: 3, sent: 3 });
    },
  },
  {
    law: 7,
    name: "counters: errors are throws, dead letters are messages",
    async run(trial) {
      const runtime = trial.runtime();
      await runtime.start(tally);
      const handle = await runtime.start(retrier);
      await sendAll(handle, [
        Job({ n: 1, failures: 2 }),
        Job({ n: 2, failures: 9 }),
        Job({ n: 3, fail: "after output" }),
      ]);
      await collect(handle, 4);
      await quiet(handle, { ...none, received: 3, processed: 1, deadLettered: 2, errors: 8, sent: 4 });
    },
  },
  {
    law: 7,
    name: "counters: a decision that throws is an error of its own",
    async run(trial) {
      const handle = await trial.runtime().start(decider);
      await sendAll(
        handle,
        jobs(6, { fail: "at once" }).filter(({ n }) => n === 2 || n === 5),
      );
      await quiet(handle, { ...none, received: 2, processed: 1, deadLettered: 1, errors: 3, sent: 1 });
    },
  },
  {
    law: 7,
    name: "counters: expired and left-over messages are dead letters that were never received",
    async run(trial) {
      const handle = await trial.runtime().launch(worker);
      await handle.send(Job({ n: 0 }, { expiresIn: 1 }));
      await rejects(handle.receive({ timeout: 15 }), "TIMEOUT");
      await handle.activate();
      await quiet(handle, { ...none, deadLettered: 1 });
      await handle.deactivate();
      await sendAll(handle, jobs(3));
      await handle.terminate();
      await counts(handle, { ...none, deadLettered: 4, input: { ...nothing, accepted: 4, deadLettered: 4 } });
    },
  },
  {
    law: 7,
    name: "counters: sent counts outputs along links once, whatever becomes of them",
    async run(trial) {
      for (const mode of ["round-robin", "broadcast"] as const) {
        const runtime = trial.runtime();
        const first = await runtime.start(worker);
        const ends = [await runtime.start(doneSink.as("one")), await runtime.start(doneSink.as("two"))];
        for (const end of ends) await runtime.connect(first, end, { mode });
        await sendAll(first, jobs(10));
        await quiet(first, { ...none, received: 10, processed: 10, sent: 10, output: nothing });
        const each = mode === "broadcast" ? 10 : 5;
        for (const end of ends) await quiet(end, { ...none, received: each, processed: each });
      }
    },
  },
  {
    law: 7,
    name: "counters: what goes to a peer is no output, and is received there",
    async run(trial) {
      const runtime = trial.runtime();
      const to = await runtime.start(worker);
      const from = await runtime.start(forwarder);
      await sendAll(from, jobs(25));
      await quiet(from, { ...none, received: 25, processed: 25, output: nothing });
      await quiet(to, { ...none, received: 25, processed: 25, sent: 25 });
    },
  },
  {
    law: 7,
    name: "counters: two kernels of one definition are counted apart, and telemetry of all gives both",
    async run(trial) {
      const runtime = trial.runtime();
      const [one, two] = [await runtime.start(relay.as("one")), await runtime.start(relay.as("two"))];
      await runtime.launch(jobSink);
      await sendAll(one, jobs(3));
      await sendAll(two, jobs(5));
      await quiet(one, { received: 3, processed: 3 });
      await quiet(two, { received: 5, processed: 5 });
      const all = await runtime.telemetry();
      deepEqual([...all.keys()], ["one", "two", "jobSink"], "kernels");
      for (const [id, { kernelId }] of all) equal(kernelId, id, "kernel of its telemetry");
      deepEqual(
        [all.get("one")?.received, all.get("two")?.received, all.get("jobSink")?.received],
        [3, 5, 0],
        "received",
      );
      deepEqual((await runtime.telemetry("two")).ledger, (await two.telemetry()).ledger, "by id and by handle");
      equal((await trial.runtime().telemetry()).size, 0, "telemetry of a runtime without kernels");
    },
  },
];

export const counters: readonly Case[] = [...perBody, ...oneByOne];
