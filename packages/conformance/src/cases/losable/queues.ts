import { deepEqual, equal, ok, PATIENCE, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { jobWorkers, loopWorker, worker } from "../../kernels/job-workers.js";
import { Job } from "../../kernels/jobs.js";
import { launchLosable, loseAndWait, losing, startLosable } from "../../support/losing.js";
import { retrying } from "../../support/supervised.js";
import { collect, counts, jobs, quiet, reaches, sendAll } from "../../support/traffic.js";

const numbers = (all: readonly { readonly n: number }[]) => all.map(({ n }) => n);

/** Queued messages and parked senders survive the loss of a place. */
export const queues: readonly Case[] = [
  ...jobWorkers.map((kernel) =>
    losing(1, `${kernel.id}, launched: what is queued stays, in order`, async (trial) => {
      const rig = await launchLosable(trial, kernel);
      await sendAll(rig.kernel, jobs(5));
      await loseAndWait(trial, rig.runtime, kernel.id);
      await counts(rig.kernel, { received: 0, restarts: 1, input: { accepted: 5, queued: 5, inHand: 0 } });
      await rig.kernel.activate();
      deepEqual(numbers(await collect(rig.kernel, 5)), [0, 1, 2, 3, 4], "outputs");
      await quiet(rig.kernel, { received: 5, processed: 5, requeued: 0, input: { accepted: 5, done: 5 } });
    }),
  ),
  losing(1, "deactivated: what is queued stays, and is delivered when the kernel is active again", async (trial) => {
    const rig = await startLosable(trial, loopWorker);
    await sendAll(rig.kernel, jobs(2));
    await collect(rig.kernel, 2);
    await quiet(rig.kernel, { processed: 2 });
    await rig.kernel.deactivate();
    await sendAll(rig.kernel, jobs(3));
    await loseAndWait(trial, rig.runtime, rig.kernel.id);
    equal(rig.kernel.state, "deactivated", "state");
    await counts(rig.kernel, { received: 2, input: { accepted: 5, queued: 3, inHand: 0, done: 2 } });
    await rig.kernel.reactivate();
    deepEqual(numbers(await collect(rig.kernel, 3)), [0, 1, 2], "outputs");
  }),
  losing(3, "what is queued keeps its priority and its order", async (trial) => {
    const rig = await launchLosable(trial, worker);
    const ranks = [5, 200, 128, 200, 5, 255, 0, 128];
    await sendAll(
      rig.kernel,
      ranks.map((priority, n) => Job({ n }, { priority })),
    );
    await loseAndWait(trial, rig.runtime, rig.kernel.id);
    await rig.kernel.send(Job({ n: 8 }, { priority: 200 }));
    await rig.kernel.activate();
    deepEqual(numbers(await collect(rig.kernel, 9)), [5, 1, 3, 8, 2, 7, 0, 4, 6], "outputs");
  }),
  losing(4, "parked senders wait on, and are let in in their order", async (trial) => {
    const rig = await startLosable(trial, worker, { queueSize: 1 });
    await rig.kernel.send(Job({ n: 0, hold: true }));
    await reaches(rig.kernel, { input: { inHand: 1 } });
    const sends = Promise.all(
      jobs(5)
        .slice(1)
        .map((job) => rig.kernel.send(job)),
    );
    sends.catch(() => {}); // awaited below: a rejection before that is handled
    await loseAndWait(trial, rig.runtime, rig.kernel.id);
    await rig.pass();
    deepEqual(numbers(await collect(rig.kernel, 5)), [0, 1, 2, 3, 4], "outputs");
    await within(PATIENCE, sends, "the sends");
    await quiet(rig.kernel, { processed: 5, input: { accepted: 5, done: 5 } });
  }),
  losing(4, "senders that gave up before the loss are not let in after it", async (trial) => {
    const rig = await launchLosable(trial, worker, { queueSize: 1 });
    await rig.kernel.send(Job({ n: 0 }));
    const gaveUp = rig.kernel.send(Job({ n: 1 }), { timeout: 20 }).catch((error) => error.code);
    equal(await within(PATIENCE, gaveUp, "the send"), "TIMEOUT", "the send");
    await loseAndWait(trial, rig.runtime, rig.kernel.id);
    await rig.kernel.activate();
    await rig.kernel.send(Job({ n: 2 }));
    deepEqual(numbers(await collect(rig.kernel, 2)), [0, 2], "outputs");
    await quiet(rig.kernel, { input: { accepted: 2, done: 2 } });
  }),
  losing(4, "drop-oldest: the ledger is exact after three losses under a flood", async (trial) => {
    const rig = await startLosable(trial, worker, { queueSize: 4, backpressure: "drop-oldest" });
    let dropped = 0;
    rig.runtime.on("drop", () => dropped++);
    const reading = collecting(rig);
    for (let round = 0; round < 3; round++) {
      await rig.kernel.send(Job({ n: -1, hold: true }));
      await reaches(rig.kernel, { input: { inHand: 1 } });
      await sendAll(rig.kernel, jobs(20));
      await loseAndWait(trial, rig.runtime, rig.kernel.id);
      await sendAll(rig.kernel, jobs(3));
      await rig.pass();
      await quiet(rig.kernel, { input: { accepted: 24 * (round + 1) } });
    }
    const { ledger } = await rig.kernel.telemetry();
    equal(ledger.input.dropped, dropped, "dropped messages, and drop events");
    ok(dropped >= 3 * 16, `${dropped} of 72 messages were dropped for a queue of 4`);
    equal(ledger.input.done + dropped, 72, "done and dropped");
    reading.stop();
  }),
  losing(4, "reject: what was refused stays refused, and capacity is what it was", async (trial) => {
    const rig = await launchLosable(trial, worker, { queueSize: 3, backpressure: "reject" });
    const refused = async (count: number) => {
      const outcomes = await Promise.allSettled(jobs(count).map((job) => rig.kernel.send(job)));
      return outcomes.filter(({ status }) => status === "rejected").length;
    };
    equal(await refused(5), 2, "refused before");
    await loseAndWait(trial, rig.runtime, rig.kernel.id);
    equal(await refused(2), 2, "refused after");
    await counts(rig.kernel, { rejected: 4, input: { accepted: 3, queued: 3 } });
    await rig.kernel.activate();
    await collect(rig.kernel, 3);
    await rig.kernel.deactivate();
    equal(await refused(4), 1, "refused when it was empty");
    await counts(rig.kernel, { rejected: 5, input: { accepted: 6, queued: 3 } });
  }),
  losing(1, "outputs that nobody has read yet stay, in order", async (trial) => {
    const rig = await startLosable(trial, loopWorker, { supervise: retrying });
    await sendAll(rig.kernel, jobs(6));
    await quiet(rig.kernel, { processed: 6, output: { accepted: 6, queued: 6 } });
    await loseAndWait(trial, rig.runtime, rig.kernel.id);
    await rig.kernel.send(Job({ n: 6 }));
    deepEqual(numbers(await collect(rig.kernel, 7)), [0, 1, 2, 3, 4, 5, 6], "outputs");
    await quiet(rig.kernel, { sent: 7, output: { accepted: 7, done: 7 } });
  }),
];

/** Reads all outputs until it is stopped. */
function collecting({ kernel }: Awaited<ReturnType<typeof startLosable>>): { stop(): void } {
  const over = new AbortController();
  const read = async () => {
    for (;;) await kernel.receive({ signal: over.signal });
  };
  read().catch(() => {});
  return { stop: () => over.abort() };
}
