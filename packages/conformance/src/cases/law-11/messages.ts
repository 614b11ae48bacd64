import { deepEqual, equal, ok, PATIENCE, rejects, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { Checked, liar } from "../../kernels/faulty.js";
import { batchWorker, retrier, worker } from "../../kernels/job-workers.js";
import { Job } from "../../kernels/jobs.js";
import { retrying, SupervisedRig } from "../../support/supervised.js";
import { errorEvents, letters } from "../../support/told.js";
import { collect, counts, jobs, quiet, sendAll } from "../../support/traffic.js";

const numbers = (all: readonly { readonly n: number }[]) => all.map(({ n }) => n);
const MANY = 100;
const without = (...bad: readonly number[]) => numbers(jobs(MANY)).filter((n) => !bad.includes(n));

/** An invalid message affects no other message. */
export const messages: readonly Case[] = [
  ...[worker, retrier].map(
    (kernel): Case => ({
      law: 11,
      name: `a message that fails in ${kernel.id} is the only one, and all others are done in order`,
      async run(trial) {
        const handle = await trial.runtime().start(kernel);
        const all = jobs(MANY).map(({ n }) => (n % 30 === 7 ? Job({ n, fail: "at once" }) : Job({ n })));
        const sent = sendAll(handle, all);
        deepEqual(numbers(await collect(handle, MANY - 4)), without(7, 37, 67, 97), "outputs");
        await sent;
        await quiet(handle, { processed: MANY - 4, deadLettered: 4, restarts: 0 });
      },
    }),
  ),
  {
    law: 11,
    name: "of requests that are under way at the same time only the bad one fails",
    async run(trial) {
      const handle = await trial.runtime().start(worker);
      const asked = jobs(50).map(({ n }) => handle.request(n === 25 ? Job({ n, fail: "at once" }) : Job({ n })));
      const outcomes = await within(PATIENCE, Promise.allSettled(asked), "the requests");
      const failed = outcomes.flatMap(({ status }, n) => (status === "rejected" ? [n] : []));
      deepEqual(failed, [25], "requests that failed");
      await errorEvents(trial, 1);
    },
  },
  {
    law: 11,
    name: "a message that is refused at send costs neither those sent with it nor the kernel",
    async run(trial) {
      const handle = await trial.runtime().start(liar);
      const bad = { type: "Checked", n: -1 } as never;
      const sends = [Checked({ n: 10 }), bad, Checked({ n: 11 })].map((message) => handle.send(message));
      const outcomes = await within(PATIENCE, Promise.allSettled(sends), "the sends");
      deepEqual(
        outcomes.map(({ status }) => status),
        ["fulfilled", "rejected", "fulfilled"],
        "sends",
      );
      deepEqual(numbers(await collect(handle, 2)), [10, 11], "outputs");
      await quiet(handle, { received: 2, processed: 2, errors: 0, input: { accepted: 2 } });
    },
  },
  {
    law: 11,
    name: "a bad output costs its own input",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(liar);
      for (const n of [10, 1, 11, 2, 12, 4, 13]) await handle.send(Checked({ n }));
      deepEqual(numbers(await collect(handle, 4)), [10, 11, 12, 13], "outputs");
      await quiet(handle, { processed: 4, deadLettered: 3 });
      const found = await letters(runtime, 3);
      deepEqual(
        found.map(({ message }) => (message as unknown as { readonly n: number }).n),
        [1, 2, 4],
        "dead letters",
      );
    },
  },
  {
    law: 11,
    name: "a message that expires costs neither those before nor those behind it",
    async run(trial) {
      const handle = await trial.runtime().launch(worker);
      await handle.send(Job({ n: 0 }));
      await handle.send(Job({ n: 1 }, { expiresIn: 1 }));
      await handle.send(Job({ n: 2 }, { expiresIn: 60_000 }));
      await new Promise((resolve) => setTimeout(resolve, 10));
      await handle.activate();
      deepEqual(numbers(await collect(handle, 2)), [0, 2], "outputs");
      await quiet(handle, { processed: 2, deadLettered: 1, errors: 0 });
    },
  },
  {
    law: 11,
    name: "a bad message in a batch costs the batch's own messages at most, and those behind it come in order",
    async run(trial) {
      const rig = await SupervisedRig.launch(trial, batchWorker, {
        supervise: { ...retrying, onCrash: "dead-letter" },
      });
      await sendAll(
        rig.kernel,
        jobs(21).map(({ n }) => (n === 9 ? Job({ n, fail: "at once" }) : Job({ n }))),
      );
      await rig.kernel.activate();
      await quiet(rig.kernel, { restarts: 1 });
      const { ledger } = await rig.kernel.telemetry();
      ok(ledger.input.deadLettered >= 1 && ledger.input.deadLettered <= 7, "only its own batch");
      const outputs = numbers(await collect(rig.kernel, ledger.output.queued));
      deepEqual(outputs.slice(0, 9), numbers(jobs(9)), "outputs before it");
      deepEqual(outputs.slice(-7), numbers(jobs(21)).slice(14), "outputs behind its batch");
    },
  },
  {
    law: 11,
    name: "a full kernel refuses what is sent to it, not what is sent to its neighbour in the same turn",
    async run(trial) {
      const runtime = trial.runtime();
      const full = await runtime.launch(worker, { queueSize: 1, backpressure: "reject" });
      const other = await runtime.launch(worker, { id: "other", queueSize: 8, backpressure: "reject" });
      await full.send(Job({ n: 0 }));
      const sends = jobs(8).map((job) => [rejects(full.send(job), "QUEUE_FULL", "the full one"), other.send(job)]);
      await within(PATIENCE, Promise.all(sends.flat()), "the sends");
      await counts(other, { rejected: 0, input: { accepted: 8 } });
      await counts(full, { rejected: 8, input: { accepted: 1 } });
      equal(trial.errors.length, 0, "error events");
    },
  },
];
