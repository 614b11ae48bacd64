import { deepEqual, equal, ok, patience, rejects, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { choosy, lateDecider, patientRetrier, plainRetrier } from "../../kernels/faulty.js";
import { brittle, decider, retrier, worker } from "../../kernels/job-workers.js";
import { Done, Job, tally } from "../../kernels/jobs.js";
import { errorEvents, letters } from "../../support/told.js";
import { collect, quiet, reaches, sendAll } from "../../support/traffic.js";

const failing = (n: number) => Job({ n, fail: "at once" });

export const onError: readonly Case[] = [
  {
    law: 6,
    name: "onError: left out: the message is a dead letter, the kernel goes on",
    async run(trial) {
      const handle = await trial.runtime().start(worker);
      await sendAll(handle, [failing(1), Job({ n: 2 })]);
      equal((await collect(handle, 1))[0]?.n, 2, "the next result");
      await quiet(handle, { deadLettered: 1, errors: 1 });
      equal(handle.state, "active", "state");
    },
  },
  {
    law: 6,
    name: 'onError "fail": the first error ends the kernel',
    async run(trial) {
      const handle = await trial.runtime().start(brittle);
      const error = await rejects(handle.request(failing(1)), "KERNEL_FAILED", "the request");
      equal((error.cause as Error | undefined)?.name, "RangeError", "cause");
      await reaches(handle, { errors: 1, deadLettered: 1 });
      equal(handle.state, "failed", "state");
    },
  },
  {
    law: 6,
    name: "onError with retry: whoever waits gets the answer of the attempt that succeeds",
    async run(trial) {
      const runtime = trial.runtime();
      await runtime.start(tally);
      const handle = await runtime.start(retrier);
      const answer = await handle.request(Job({ n: 5, failures: 2 }), soon);
      equal(answer.n, 5, "answer");
      await errorEvents(trial, 2);
      await quiet(handle, { errors: 2, deadLettered: 0, processed: 1, received: 1 });
    },
  },
  {
    law: 6,
    name: "onError with retry: when the attempts are used up, whoever waits gets the error",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(retrier);
      await rejects(handle.request(failing(1)), "KERNEL_FAILED", "the request");
      await quiet(handle, { errors: 3, deadLettered: 1 });
      equal((await letters(runtime, 1))[0]?.attempts, 3, "attempts");
      const errors = await errorEvents(trial, 3);
      ok(
        errors.every(({ messageId }) => messageId === errors[0]?.messageId),
        "all over one message",
      );
    },
  },
  {
    law: 6,
    name: 'onError "retry": three more attempts unless said otherwise',
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(plainRetrier);
      const start = performance.now();
      await rejects(handle.request(Job({ n: 1 })), "KERNEL_FAILED", "the request");
      // 100, 200 and 400 ms, each less up to a fifth
      ok(performance.now() - start > 500, "it waits between its attempts");
      await quiet(handle, { errors: 4, deadLettered: 1 });
      equal((await letters(runtime, 1))[0]?.attempts, 4, "attempts");
    },
  },
  {
    law: 6,
    name: "onError with backoff: the delays grow by the factor up to the longest one",
    async run(trial) {
      const handle = await trial.runtime().start(patientRetrier);
      const start = performance.now();
      await rejects(handle.request(Job({ n: 1 })), "KERNEL_FAILED", "the request");
      const lasted = performance.now() - start;
      ok(lasted > 100 && lasted < patience(4000), `20, 40 and 50 ms took ${lasted} ms`);
      await quiet(handle, { errors: 4 });
    },
  },
  {
    law: 6,
    name: "onError with retryIf: it decides after each failure, and says how long to wait",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(choosy);
      const lasted: number[] = [];
      for (const n of [1, 2, 3, 4]) {
        const start = performance.now();
        await rejects(handle.request(Job({ n })), "KERNEL_FAILED", `the request ${n}`);
        lasted.push(performance.now() - start);
      }
      ok((lasted[2] ?? 0) >= 59, `twice 30 ms took ${lasted[2]} ms`);
      await quiet(handle, { errors: 1 + 3 + 3 + 2, deadLettered: 4, processed: 0 });
      const attempts = (await letters(runtime, 4)).map((letter) => letter.attempts);
      deepEqual(attempts, [1, 3, 3, 1], "attempts");
    },
  },
  {
    law: 6,
    name: "onError with backoff: a kernel that is asked to end while it waits for the next attempt ends at once",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(plainRetrier);
      const asked = rejects(handle.request(Job({ n: 1 })), "KERNEL_FAILED", "the request");
      await reaches(handle, { errors: 1 });
      await handle.terminate({ timeout: Number.POSITIVE_INFINITY });
      await asked;
      ok(((await letters(runtime, 1))[0]?.attempts ?? 9) < 4, "not all attempts were made");
    },
  },
  ...[
    { n: 1, code: "KERNEL_FAILED", state: "active", errors: 1, attempts: 1, what: "to keep it" },
    { n: 3, code: "KERNEL_FAILED", state: "active", errors: 3, attempts: 3, what: "to try again, in a promise" },
    { n: 4, code: "KERNEL_FAILED", state: "failed", errors: 1, attempts: 1, what: "to fail" },
    { n: 5, code: "KERNEL_FAILED", state: "active", errors: 2, attempts: 1, what: "by throwing itself" },
  ].map(
    ({ n, code, state, errors, attempts, what }): Case => ({
      law: 6,
      name: `onError function: it decides ${what}`,
      async run(trial) {
        const runtime = trial.runtime();
        const handle = await runtime.start(decider);
        const error = await rejects(handle.request(failing(n)), code as "KERNEL_FAILED", "the request");
        await reaches(handle, { errors, deadLettered: 1 });
        equal(handle.state, state, "state");
        await errorEvents(trial, errors);
        equal((await letters(runtime, 1))[0]?.attempts, attempts, "attempts");
        const cause = (error.cause as Error | undefined)?.name;
        equal(cause, n === 5 ? "TypeError" : "RangeError", "cause: what was thrown last");
      },
    }),
  ),
  {
    law: 6,
    name: "onError function: it answers in the kernel's place, and knows the error",
    async run(trial) {
      const handle = await trial.runtime().start(decider);
      const answer = await handle.request(failing(2), soon);
      deepEqual([answer.by, answer.from], ["onError", "KERNEL_FAILED"], "answer");
      await quiet(handle, { errors: 1, deadLettered: 0, processed: 1, sent: 1 });
      await handle.send(failing(2));
      equal((await collect(handle, 1))[0]?.by, "onError", "the output of an ordinary message");
    },
  },
  {
    law: 6,
    name: "onError function: late ones answer, say nothing, answer wrongly, or throw",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(lateDecider);
      await rejects(handle.request(Job({ n: 1 })), "NO_REPLY", "one that says nothing");
      const answer = await handle.request(Job({ n: 2 }), soon);
      equal(Done.parse(answer).from, "KERNEL_FAILED lateDecider", "the error that it was given");
      await rejects(handle.request(Job({ n: 3 })), "TYPE_MISMATCH", "one that answers wrongly");
      await rejects(handle.request(Job({ n: 4 })), "KERNEL_FAILED", "one that throws");
      await quiet(handle, { errors: 6, processed: 2, deadLettered: 2 });
      const reasons = (await letters(runtime, 2)).map(({ reason, attempts }) => `${reason} ${attempts}`);
      deepEqual(reasons, ["TYPE_MISMATCH 1", "KERNEL_FAILED 1"], "dead letters");
    },
  },
];
