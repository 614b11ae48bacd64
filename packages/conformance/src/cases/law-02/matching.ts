import { deepEqual, equal, ok, rejects, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { asker, eagerAsker, hasty, reverser } from "../../kernels/askers.js";
import { jobWorkers, worker } from "../../kernels/job-workers.js";
import { gate, Job, Pass } from "../../kernels/jobs.js";
import { letters } from "../../support/told.js";
import { collect, counts, jobs, quiet, reaches, sendAll } from "../../support/traffic.js";

const matching: readonly Case[] = [
  ...jobWorkers.map(
    (kernel): Case => ({
      law: 2,
      name: `reply: 500 requests to ${kernel.id} in flight, each gets its own answer`,
      async run(trial) {
        const handle = await trial.runtime().start(kernel, { queueSize: 16 });
        await Promise.all(
          jobs(500).map(async (job) => {
            const answer = await handle.request(job, soon);
            equal(answer.n, job.n, "answer");
            equal(answer.correlationId, job.messageId, "cause of the answer");
          }),
        );
      },
    }),
  ),
  {
    law: 2,
    name: "reply: 400 requests that are answered out of order",
    async run(trial) {
      const handle = await trial.runtime().start(reverser);
      const order: number[] = [];
      await Promise.all(
        jobs(400, { outputs: 40 }).map(async (job) => {
          const answer = await handle.request(job, soon);
          order.push(answer.n);
          equal(answer.n, job.n, "answer");
        }),
      );
      deepEqual(order.slice(0, 3), [39, 38, 37], "the first answers");
    },
  },
  {
    law: 2,
    name: "reply: several askers at one kernel, the host among them, each gets its own answers",
    async run(trial) {
      const runtime = trial.runtime();
      const asked = await runtime.start(worker, { queueSize: 8 });
      const requesters = await Promise.all([0, 1, 2, 3].map((i) => runtime.start(asker.as(`asker_${i}`))));
      const own = async (handle: typeof asked | (typeof requesters)[number], from: string) => {
        for (const start of [0, 50]) {
          const answers = jobs(start + 50)
            .slice(start)
            .map(async (job) => {
              const answer = await handle.request(job, soon);
              deepEqual([answer.n, answer.from], [job.n, from], "answer");
            });
          await Promise.all(answers);
        }
      };
      await Promise.all([own(asked, ""), ...requesters.map((handle) => own(handle, `${handle.id}<worker`))]);
      await quiet(asked, { input: { accepted: 500, done: 500 }, output: { accepted: 0 }, sent: 500 });
    },
  },
  {
    law: 2,
    name: "reply: a kernel with 300 requests to another in flight",
    async run(trial) {
      const runtime = trial.runtime();
      await runtime.start(reverser, { id: "asked" });
      const handle = await runtime.start(eagerAsker, { peers: { asked: "asked" } });
      await sendAll(handle, jobs(300));
      for (const { n, output } of await collect(handle, 300)) equal(n, output, "answer");
      await quiet(handle, { input: { accepted: 300, done: 300 } });
    },
  },
  {
    law: 2,
    name: "reply: requests through a chain of four kernels that ask each other",
    async run(trial) {
      const runtime = trial.runtime();
      await runtime.start(worker);
      await runtime.start(asker.as("a"), { peers: { asked: "worker" } });
      await runtime.start(asker.as("b"), { peers: { asked: "a" } });
      const last = await runtime.start(asker.as("c"), { peers: { asked: "b" } });
      await Promise.all(
        jobs(50).map(async (job) => {
          const answer = await last.request(job, soon);
          deepEqual([answer.n, answer.from], [job.n, "c<b<a<worker"], "answer");
          equal(answer.correlationId, job.messageId, "cause");
        }),
      );
    },
  },
  {
    law: 2,
    name: "reply: one message asked with twice at once gets two answers",
    async run(trial) {
      const handle = await trial.runtime().start(worker);
      const job = Job({ n: 3 });
      const [one, two] = await Promise.all([handle.request(job, soon), handle.request(job, soon)]);
      deepEqual([one.n, two.n], [3, 3], "answers");
      ok(one.messageId !== two.messageId, "two answers");
    },
  },
  {
    law: 2,
    name: "reply: requests and sends mixed: outputs of sends come out, answers do not",
    async run(trial) {
      const handle = await trial.runtime().start(worker);
      const asked = Promise.all(jobs(100).map((job) => (job.n % 2 ? handle.request(job, soon) : handle.send(job))));
      const out = await collect(handle, 50);
      deepEqual(
        out.map(({ n }) => n),
        jobs(100)
          .map(({ n }) => n)
          .filter((n) => n % 2 === 0),
        "outputs",
      );
      await asked;
      await counts(handle, { output: { accepted: 50, queued: 0 }, sent: 100 });
    },
  },
];

const late: readonly Case[] = [
  ...(["timeout", "abort"] as const).map(
    (how): Case => ({
      law: 2,
      name: `reply: an answer after the ${how} is a dead letter LATE_REPLY and comes out nowhere else`,
      async run(trial) {
        const runtime = trial.runtime();
        const pass = await runtime.start(gate);
        const handle = await runtime.start(worker);
        const asked = handle.request(
          Job({ n: 1, hold: true }),
          how === "timeout" ? { timeout: 20 } : { signal: AbortSignal.timeout(20) },
        );
        await rejects(asked, how === "timeout" ? "TIMEOUT" : "ABORTED", "the request");
        await pass.send(Pass());
        await quiet(handle, { input: { accepted: 1, done: 1 }, output: { accepted: 0 } });
        const [deadLetter] = await letters(runtime, 1);
        deepEqual([deadLetter?.reason, deadLetter?.kernelId], ["LATE_REPLY", "worker"], "dead letter");
        equal(deadLetter?.message.type, "Done", "the answer is what is kept");
        equal((await handle.request(Job({ n: 2 }), soon)).n, 2, "the next answer");
        await rejects(handle.receive({ timeout: 0 }), "TIMEOUT", "an output");
      },
    }),
  ),
  {
    law: 2,
    name: "reply: an answer after its request was settled is late",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(hasty);
      await rejects(handle.request(Job({ n: 1 })), "NO_REPLY", "the request");
      await reaches(handle, { input: { done: 1 } });
      await rejects(handle.receive({ timeout: 20 }), "TIMEOUT", "an output");
      deepEqual(
        (await letters(runtime, 1)).map(({ reason }) => reason),
        ["LATE_REPLY"],
        "dead letters",
      );
    },
  },
  {
    law: 2,
    name: "reply: of many requests some time out, and the others still get their own answers",
    async run(trial) {
      const runtime = trial.runtime();
      const pass = await runtime.start(gate);
      const handle = await runtime.start(worker);
      const all = jobs(40).map((job) =>
        job.n % 4 === 0
          ? rejects(handle.request(Job({ n: job.n, hold: true }), { timeout: 30 }), "TIMEOUT", "a request")
          : handle.request(job, soon).then(({ n }) => equal(n, job.n, "answer")),
      );
      await Promise.all(all.filter((_, n) => n % 4 === 0));
      await sendAll(
        pass,
        jobs(10).map(() => Pass()),
      );
      await Promise.all(all);
      await quiet(handle, { input: { accepted: 40 }, output: { accepted: 0 } });
      // what was in hand then is answered too late; the others were still queued
      const given = (await letters(runtime, 10)).map(({ reason }) => reason);
      const expired = given.filter((reason) => reason === "EXPIRED").length;
      equal(given.filter((reason) => reason === "LATE_REPLY").length, 10 - expired, "late replies");
      await counts(handle, { processed: 40 - expired, deadLettered: expired });
    },
  },
];

/** Each requester gets the answer to its own request, or none. */
export const matchings: readonly Case[] = [...matching, ...late];
