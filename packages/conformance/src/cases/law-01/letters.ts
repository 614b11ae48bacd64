import type { DeadLetter } from "@ringline/core";
import { deepEqual, equal, ok, PATIENCE, rejects, until, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { brittle, decider, worker } from "../../kernels/job-workers.js";
import { Job } from "../../kernels/jobs.js";
import { letters as lettersOf } from "../../support/told.js";
import { collect, counts, jobs, quiet, reaches, sendAll } from "../../support/traffic.js";

const failing = (count: number) => jobs(count, { fail: "at once" });
const numbers = (deadLetters: readonly DeadLetter[]) => deadLetters.map(({ message }) => (message as Job).n);

export const letters: readonly Case[] = [
  {
    law: 1,
    name: "dead letters: a letter holds the message, the reason, the error, the kernel, the attempts and the time",
    async run(trial) {
      const runtime = trial.runtime();
      const before = Date.now();
      const handle = await runtime.start(worker);
      const job = Job({ n: 7, fail: "at once" }, { priority: 9 });
      await handle.send(job);
      await quiet(handle, { deadLettered: 1 });
      const [deadLetter] = await lettersOf(runtime, 1);
      ok(deadLetter, "a dead letter");
      equal(deadLetter.message.messageId, job.messageId, "message");
      deepEqual(
        [deadLetter.message.type, deadLetter.message.priority, (deadLetter.message as Job).n],
        ["Job", 9, 7],
        "message",
      );
      deepEqual([deadLetter.reason, deadLetter.kernelId, deadLetter.attempts], ["KERNEL_FAILED", "worker", 1]);
      deepEqual(
        [deadLetter.error.code, deadLetter.error.kernelId, deadLetter.error.messageId],
        ["KERNEL_FAILED", "worker", job.messageId],
      );
      ok(deadLetter.at >= before - 1 && deadLetter.at <= Date.now() + 1, "the time is that of the failure");
    },
  },
  {
    law: 1,
    name: "dead letters: peek leaves them, take takes them out, both by kernel and reason",
    async run(trial) {
      const runtime = trial.runtime();
      const one = await runtime.start(worker);
      const two = await runtime.launch(worker.as("worker_2"));
      await sendAll(one, failing(3));
      await quiet(one, { deadLettered: 3 });
      await sendAll(two, jobs(2));
      await two.terminate();
      const { deadLetters } = runtime;
      await lettersOf(runtime, 5);
      equal(deadLetters.peek({ kernelId: "worker" }).length, 3, "of the first");
      equal(deadLetters.peek({ reason: "TERMINATED" }).length, 2, "terminated");
      equal(deadLetters.peek({ kernelId: "worker", reason: "TERMINATED" }).length, 0, "both at once");
      equal(deadLetters.size, 5, "letters after looking");
      deepEqual(numbers(deadLetters.take({ kernelId: "worker_2" })), [0, 1], "taken");
      equal(deadLetters.size, 3, "letters left");
      deepEqual(numbers(deadLetters.take()), [0, 1, 2], "the rest, oldest first");
      deepEqual(deadLetters.take(), [], "nothing left");
    },
  },
  {
    law: 1,
    name: "dead letters: replay sends them again, in order, to where they failed",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.launch(worker);
      await sendAll(first, jobs(4));
      await first.terminate();
      const again = await runtime.start(worker);
      equal(await runtime.deadLetters.replay(runtime.deadLetters.peek()), 4, "accepted");
      equal(runtime.deadLetters.size, 0, "letters left");
      deepEqual(
        (await collect(again, 4)).map(({ n }) => n),
        [0, 1, 2, 3],
        "results",
      );
      await quiet(again, { input: { accepted: 4, done: 4 } });
    },
  },
  {
    law: 1,
    name: "dead letters: replay to another kernel",
    async run(trial) {
      const runtime = trial.runtime();
      const failed = await runtime.start(brittle);
      const other = await runtime.start(worker);
      await sendAll(failed, [Job({ n: 0, fail: "at once" })]);
      await reaches(failed, { deadLettered: 1 });
      const deadLetters = await lettersOf(runtime, 1, { kernelId: "brittle" });
      equal(await runtime.deadLetters.replay(deadLetters, { to: other }), 1, "accepted");
      // the job fails anywhere: it is a letter of the other kernel now
      await quiet(other, { input: { accepted: 1, deadLettered: 1 } });
      deepEqual(
        (await lettersOf(runtime, 1)).map(({ kernelId }) => kernelId),
        ["worker"],
        "letters",
      );
    },
  },
  {
    law: 1,
    name: "dead letters: replay stops at what is not accepted, and keeps it",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.launch(worker);
      await sendAll(first, jobs(5));
      await first.terminate();
      const { deadLetters } = runtime;
      await rejects(deadLetters.replay(deadLetters.peek()), "TERMINATED", "replay to a kernel that is gone");
      equal(deadLetters.size, 5, "letters after a replay in vain");
      const again = await runtime.launch(worker, { queueSize: 2, backpressure: "reject" });
      equal(await deadLetters.replay(deadLetters.peek()), 2, "accepted until it was full");
      deepEqual(numbers(deadLetters.peek()), [2, 3, 4], "letters kept");
      await rejects(deadLetters.replay(deadLetters.peek()), "QUEUE_FULL", "replay to a full queue");
      await counts(again, { input: { accepted: 2, queued: 2 }, rejected: 2 });
    },
  },
  {
    law: 1,
    name: "dead letters: the store is bounded, the oldest fall off and are counted",
    async run(trial) {
      const runtime = trial.runtime({ deadLetterLimit: 10 });
      const handle = await runtime.start(worker);
      await sendAll(handle, failing(25));
      await quiet(handle, { input: { accepted: 25, deadLettered: 25 } });
      await until("all letters", () => runtime.deadLetters.evicted === 15);
      equal(runtime.deadLetters.size, 10, "size");
      deepEqual(
        numbers(runtime.deadLetters.peek()),
        jobs(25)
          .slice(15)
          .map(({ n }) => n),
        "letters kept",
      );
    },
  },
  {
    law: 1,
    name: "dead letters: a loop over them takes each once and ends with the runtime",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(worker);
      await sendAll(handle, failing(2));
      await quiet(handle, { deadLettered: 2 });
      const taken: number[] = [];
      const loop = (async () => {
        for await (const { message } of runtime.deadLetters) taken.push((message as Job).n);
      })();
      await sendAll(handle, failing(5).slice(2));
      await quiet(handle, { deadLettered: 5 });
      await runtime.dispose();
      await within(PATIENCE, loop, "the loop over dead letters");
      deepEqual(taken, [0, 1, 2, 3, 4], "letters taken");
      deepEqual([runtime.deadLetters.size, runtime.deadLetters.evicted], [0, 0], "size and evicted");
    },
  },
  {
    law: 1,
    name: "dead letters: each is announced by an event",
    async run(trial) {
      const runtime = trial.runtime();
      const told: DeadLetter[] = [];
      runtime.on("deadLetter", (deadLetter) => told.push(deadLetter));
      const handle = await runtime.start(decider);
      await sendAll(handle, [Job({ n: 1, fail: "at once" }), Job({ n: 9, fail: "later" }), Job({ n: 6 })]);
      await quiet(handle, { input: { accepted: 3, done: 1, deadLettered: 2 } });
      await until("the announcements", () => told.length === 2);
      deepEqual(numbers(told), [1, 9], "announced");
      ok(told[0] === runtime.deadLetters.peek()[0], "the event carries the letter itself");
    },
  },
];
