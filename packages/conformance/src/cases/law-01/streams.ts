import { deepEqual, equal, fail, rejects, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { doneSink, jobSink, jobWorkers, worker } from "../../kernels/job-workers.js";
import { gate, Job, Pass } from "../../kernels/jobs.js";
import { letters } from "../../support/told.js";
import { collect, counts, jobs, quiet, reaches, sendAll } from "../../support/traffic.js";

const MANY = 5000;

/** Each number from 0 to `count - 1` is there exactly once. */
function eachOnce(numbers: readonly number[], count: number): void {
  const seen = new Uint32Array(count);
  for (const n of numbers) seen[n] = (seen[n] ?? 0) + 1;
  const wrong = seen.findIndex((times) => times !== 1);
  if (wrong >= 0) fail(`message ${wrong} came ${seen[wrong]} times`);
  equal(numbers.length, count, "results");
}

export const streams: readonly Case[] = [
  ...jobWorkers.flatMap((kernel) =>
    [1, 8].map(
      (senders): Case => ({
        law: 1,
        name: `stream: ${MANY} messages through ${kernel.id} from ${senders} at once, each arrives exactly once`,
        async run(trial) {
          const handle = await trial.runtime().start(kernel, { queueSize: 64 });
          const own = (sender: number) => jobs(MANY).filter(({ n }) => n % senders === sender);
          const sent = Promise.all(Array.from({ length: senders }, (_, sender) => sendAll(handle, own(sender))));
          const out = await collect(handle, MANY);
          await sent;
          eachOnce(
            out.map(({ n }) => n),
            MANY,
          );
          await rejects(handle.receive({ timeout: 0 }), "TIMEOUT", "one more result");
          await quiet(handle, {
            input: { accepted: MANY, done: MANY, dropped: 0, deadLettered: 0 },
            output: { accepted: MANY, queued: 0, done: MANY },
            ...{ received: MANY, processed: MANY, sent: MANY, errors: 0 },
          });
        },
      }),
    ),
  ),
  {
    law: 1,
    name: "stream: a chain of three linked kernels, one of which filters and one of which multiplies",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(worker, { queueSize: 8 });
      const last = await runtime.start(doneSink, { queueSize: 8 });
      await runtime.connect(first, last);
      for (const { n } of jobs(600)) await first.send(Job({ n, outputs: n % 3 }));
      await quiet(first, { input: { accepted: 600, done: 600 }, sent: 600, output: { accepted: 0 } });
      await quiet(last, { input: { accepted: 600, done: 600, dropped: 0, deadLettered: 0 }, received: 600 });
    },
  },
  {
    law: 1,
    name: "stream: what was queued in an output goes along when it is linked",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(worker);
      const last = await runtime.start(doneSink, { queueSize: 2 });
      await sendAll(first, jobs(50));
      await quiet(first, { output: { accepted: 50, queued: 50 } });
      await runtime.connect(first, last);
      await sendAll(first, jobs(10));
      await quiet(first, { output: { accepted: 50, queued: 0, done: 50 }, sent: 60 });
      await quiet(last, { input: { accepted: 60, done: 60 } });
    },
  },
  {
    law: 1,
    name: "stream: a link to a kernel that has ended loses nothing: what it refuses stays or is a dead letter",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(worker);
      const last = await runtime.start(doneSink);
      await sendAll(first, jobs(3));
      await quiet(first, { output: { queued: 3 } });
      await last.terminate();
      await runtime.connect(first, last).catch(() => {}); // it may refuse
      const { ledger } = await first.telemetry();
      const kept = runtime.deadLetters.size;
      equal(ledger.output.queued + kept, 3, "messages that are left");
    },
  },
  {
    law: 1,
    name: "stream: a linked kernel that ends makes dead letters of what its sender still works on",
    async run(trial) {
      const runtime = trial.runtime();
      const pass = await runtime.start(gate);
      const first = await runtime.start(worker);
      const last = await runtime.start(doneSink);
      await runtime.connect(first, last);
      await first.send(Job({ n: 1, hold: true }));
      await reaches(first, { input: { inHand: 1 } });
      await last.terminate();
      await pass.send(Pass());
      await quiet(first, { input: { accepted: 1, done: 0, deadLettered: 1 }, errors: 1, sent: 0 });
      deepEqual(
        (await letters(runtime, 1)).map(({ kernelId, reason }) => `${kernelId} ${reason}`),
        ["worker TERMINATED"],
      );
    },
  },
  {
    law: 1,
    name: "requests: 500 at once: each is accepted and done, and no answer passes through the output",
    async run(trial) {
      const handle = await trial.runtime().start(worker);
      const answers = await Promise.all(jobs(500).map((job) => handle.request(job, soon)));
      eachOnce(
        answers.map(({ n }) => n),
        500,
      );
      await quiet(handle, {
        input: { accepted: 500, done: 500, deadLettered: 0 },
        output: { accepted: 0, queued: 0, done: 0 },
        ...{ received: 500, processed: 500, sent: 500 },
      });
    },
  },
  {
    law: 1,
    name: "requests: one that times out while it is queued is still accounted for, and so is one that is aborted",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.launch(worker);
      const leaving = new AbortController();
      const aborted = rejects(
        handle.request(Job({ n: 1 }), { signal: leaving.signal }),
        "ABORTED",
        "the first request",
      );
      await rejects(handle.request(Job({ n: 2 }), { timeout: 5 }), "TIMEOUT", "the second request");
      leaving.abort();
      await aborted;
      await counts(handle, { input: { accepted: 2, queued: 2 } });
      await handle.activate();
      await quiet(handle, { input: { accepted: 2, done: 1, deadLettered: 1 }, output: { accepted: 0 } });
      deepEqual(
        (await letters(runtime, 2)).map(({ reason }) => reason).sort(),
        ["EXPIRED", "LATE_REPLY"],
        "dead letters",
      );
    },
  },
  {
    law: 1,
    name: "requests: one that fails is a dead letter, once",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(worker);
      await rejects(handle.request(Job({ n: 1, fail: "later" })), "KERNEL_FAILED", "the request");
      await quiet(handle, { input: { accepted: 1, done: 0, deadLettered: 1 }, errors: 1 });
      await letters(runtime, 1);
    },
  },
  {
    law: 1,
    name: "stream: a sink has done all it was given",
    async run(trial) {
      const handle = await trial.runtime().start(jobSink, { queueSize: 2 });
      await sendAll(handle, jobs(300));
      await quiet(handle, { input: { accepted: 300, done: 300 }, output: { accepted: 0 }, received: 300, sent: 0 });
    },
  },
];
