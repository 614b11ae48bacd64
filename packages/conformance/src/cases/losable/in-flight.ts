import { deepEqual, equal, ok, PATIENCE, rejects, until, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { batchWorker, jobWorkers, loopWorker, worker } from "../../kernels/job-workers.js";
import { Job } from "../../kernels/jobs.js";
import { witnessed } from "../../kernels/lost-places.js";
import { launchLosable, lose, loseAndWait, losing, startLosable, tellsLoss } from "../../support/losing.js";
import { quick } from "../../support/supervised.js";
import { errorEvents, letters } from "../../support/told.js";
import { collect, counts, jobs, quiet, reaches, sendAll } from "../../support/traffic.js";

const numbers = (all: readonly { readonly n: number }[]) => all.map(({ n }) => n);
const inHand = { input: { inHand: 1 } } as const;

/** Messages in flight when a place is lost. */
export const inFlight: readonly Case[] = [
  ...jobWorkers.map((kernel) =>
    losing(9, `${kernel.id}: what was in hand is delivered again, before what is queued`, async (trial) => {
      const rig = await startLosable(trial, kernel);
      await rig.kernel.send(Job({ n: 0, hold: true }));
      await reaches(rig.kernel, inHand);
      await sendAll(
        rig.kernel,
        jobs(3).map(({ n }) => Job({ n: n + 1 })),
      );
      await loseAndWait(trial, rig.runtime, kernel.id);
      await rig.pass();
      deepEqual(numbers(await collect(rig.kernel, 4)), [0, 1, 2, 3], "outputs");
      const input = { accepted: 4, done: 4, deadLettered: 0 };
      // a batch may hold some of those that came later
      const deliveries = kernel === batchWorker ? {} : { received: 5, requeued: 1 };
      await quiet(rig.kernel, { ...deliveries, processed: 4, restarts: 1, input });
    }),
  ),
  losing(9, "what was in hand is a dead letter where the policy says so, with the loss as its cause", async (trial) => {
    const rig = await startLosable(trial, worker, { supervise: quick });
    await rig.kernel.send(Job({ n: 0, hold: true }));
    await reaches(rig.kernel, inHand);
    await rig.kernel.send(Job({ n: 1 }));
    await loseAndWait(trial, rig.runtime, rig.kernel.id);
    equal((await collect(rig.kernel, 1))[0]?.n, 1, "output");
    const [letter] = await letters(rig.runtime, 1);
    ok(letter !== undefined && Job.is(letter.message), "a letter of a job");
    deepEqual([letter.message.n, letter.reason, letter.attempts], [0, "KERNEL_FAILED", 1], "letter");
    equal(letter.kernelId, rig.kernel.id, "kernel of the letter");
    tellsLoss(letter.error.cause, "the cause of the letter");
    await quiet(rig.kernel, { received: 2, processed: 1, deadLettered: 1, requeued: 0, restarts: 1 });
  }),
  losing(1, "a batch in hand comes again as a whole, once", async (trial) => {
    const rig = await launchLosable(trial, batchWorker);
    await sendAll(rig.kernel, [...jobs(3), Job({ n: 3, hold: true }), Job({ n: 4 })]);
    await rig.kernel.activate();
    deepEqual(numbers(await collect(rig.kernel, 3)), [0, 1, 2], "outputs of the first try");
    await counts(rig.kernel, { input: { inHand: 5, queued: 0 } });
    await loseAndWait(trial, rig.runtime, rig.kernel.id);
    await rig.pass();
    deepEqual(numbers(await collect(rig.kernel, 5)), [0, 1, 2, 3, 4], "outputs of the second");
    await quiet(rig.kernel, { processed: 5, requeued: 5, input: { accepted: 5, done: 5 } });
  }),
  losing(1, "a batch in hand becomes dead letters where the policy says so, each told once", async (trial) => {
    const rig = await launchLosable(trial, batchWorker, { supervise: quick });
    await sendAll(rig.kernel, [Job({ n: 0, hold: true }), ...jobs(7).slice(1)]);
    await rig.kernel.send(Job({ n: 7 })); // not in the batch of seven
    await rig.kernel.activate();
    await reaches(rig.kernel, { input: { inHand: 7, queued: 1 } });
    await loseAndWait(trial, rig.runtime, rig.kernel.id);
    equal((await collect(rig.kernel, 1))[0]?.n, 7, "output");
    const found = await letters(rig.runtime, 7);
    deepEqual(
      found.map(({ message }) => Job.is(message) && message.n),
      [0, 1, 2, 3, 4, 5, 6],
      "letters",
    );
    await quiet(rig.kernel, { processed: 1, deadLettered: 7, input: { accepted: 8, done: 1 } });
  }),
  ...[worker, loopWorker].map((kernel) =>
    losing(9, `${kernel.id}: each loss is one attempt, and the letter counts them`, async (trial) => {
      const rig = await startLosable(trial, kernel);
      await rig.kernel.send(Job({ n: 0, hold: true, fail: "later" }));
      for (let attempt = 1; attempt <= 2; attempt++) {
        await reaches(rig.kernel, { received: attempt, ...inHand });
        await loseAndWait(trial, rig.runtime, kernel.id);
      }
      await reaches(rig.kernel, { received: 3, requeued: 2, restarts: 2, ...inHand });
      await rig.kernel.terminate({ timeout: 50 });
      const [letter] = await letters(rig.runtime, 1);
      equal(letter?.attempts, 3, "attempts");
    }),
  ),
  losing(9, "header and envelope of the second delivery are those of the first", async (trial) => {
    const rig = await startLosable(trial, witnessed);
    const cause = Job({ n: 100 });
    const sent = Job({ n: 0, from: "host", hold: true }, { priority: 77, replyTo: cause, expiresIn: 600_000 });
    await rig.kernel.send(sent);
    const [first] = await collect(rig.witness, 1);
    await loseAndWait(trial, rig.runtime, rig.kernel.id);
    const [second] = await collect(rig.witness, 1);
    for (const one of [first, second]) deepEqual([one?.n, one?.priority], [0, 77], "what the witness was told");
    equal(second?.correlationId, first?.correlationId, "id of what the witness was told");
    equal(second?.from, first?.from, "id, cause and priority of the job");
    ok(first?.from?.includes(sent.messageId) && first.from.includes(cause.messageId), "the header of the job");
    await rig.pass();
    const [output] = await collect(rig.kernel, 1);
    deepEqual([output?.priority, output?.correlationId], [77, sent.messageId], "header of the output");
  }),
  losing(2, "a request that is queued is answered afterwards", async (trial) => {
    const rig = await launchLosable(trial, worker);
    const asked = rig.kernel.request(Job({ n: 4 }), { timeout: 20_000 });
    asked.catch(() => {}); // awaited below: a rejection before that is handled
    await reaches(rig.kernel, { input: { queued: 1 } });
    await loseAndWait(trial, rig.runtime, rig.kernel.id);
    await rig.kernel.activate();
    equal((await within(PATIENCE, asked, "the request")).n, 4, "answer");
    await quiet(rig.kernel, { sent: 1, processed: 1, output: { accepted: 0 } });
  }),
  losing(2, "a request in hand is answered by the next life, once", async (trial) => {
    const rig = await startLosable(trial, worker);
    const asked = rig.kernel.request(Job({ n: 4, hold: true }), { timeout: 20_000 });
    asked.catch(() => {}); // awaited below: a rejection before that is handled
    await reaches(rig.kernel, inHand);
    await loseAndWait(trial, rig.runtime, rig.kernel.id);
    await rig.pass();
    equal((await within(PATIENCE, asked, "the request")).n, 4, "answer");
    await quiet(rig.kernel, { processed: 1, requeued: 1, output: { accepted: 0 } });
    equal(rig.runtime.deadLetters.size, 0, "dead letters");
  }),
  losing(2, "a request in hand that is not tried again fails with the loss as its cause", async (trial) => {
    const rig = await startLosable(trial, worker, { supervise: quick });
    const asked = rig.kernel.request(Job({ n: 4, hold: true }));
    const failed = rejects(asked, "KERNEL_FAILED", "the request");
    failed.catch(() => {}); // awaited below: a rejection before that is handled
    await reaches(rig.kernel, inHand);
    await lose(trial, rig.runtime, rig.kernel.id);
    const error = await failed;
    equal(error.kernelId, rig.kernel.id, "kernel of the error");
    tellsLoss(error.cause, "the cause");
    await letters(rig.runtime, 1);
  }),
  losing(2, "a receive that a lost kernel has begun takes nothing", async (trial) => {
    const rig = await startLosable(trial, worker);
    await rig.kernel.send(Job({ n: 0, hold: true }));
    await reaches(rig.kernel, inHand); // it waits for an output of the gate, which its next life gets
    await loseAndWait(trial, rig.runtime, rig.kernel.id);
    await reaches(rig.kernel, { received: 2, ...inHand });
    await rig.pass();
    equal((await collect(rig.kernel, 1))[0]?.n, 0, "output");
    await until("a kernel that waits for work", async () => {
      const kernel = (await rig.runtime.inspect()).kernels.find(({ kernelId }) => kernelId === rig.kernel.id);
      return kernel?.waitsOn.map((wait) => wait.for).join() === "input";
    });
  }),
  losing(
    6,
    "without supervision all that waits for the kernel ends with the loss, and its queue is told",
    async (trial) => {
      const rig = await startLosable(trial, worker, { supervise: { restart: "never" }, queueSize: 2 });
      await rig.kernel.send(Job({ n: 0, hold: true }));
      await reaches(rig.kernel, inHand);
      await sendAll(rig.kernel, jobs(3).slice(1));
      const waits = { receive: rig.kernel.receive(), send: rig.kernel.send(Job({ n: 3 })) };
      const failures = Object.entries(waits).map(([what, wait]) => rejects(wait, "KERNEL_FAILED", what));
      const all = Promise.all(failures);
      all.catch(() => {}); // awaited below: a rejection before that is handled
      await lose(trial, rig.runtime, rig.kernel.id);
      for (const error of await all) tellsLoss(error.cause, "the cause");
      equal(rig.kernel.state, "failed", "state");
      await letters(rig.runtime, 3);
      const [told] = await errorEvents(trial, 1);
      tellsLoss(told, "the error event");
      equal(told?.kernelId, rig.kernel.id, "kernel of the event");
      await quiet(rig.kernel, { deadLettered: 3, input: { accepted: 3 } });
    },
  ),
];
