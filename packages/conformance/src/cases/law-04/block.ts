import { deepEqual, equal, ok, PATIENCE, rejects, staysPending, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { Task } from "../../kernels/messages.js";
import { handler, sink } from "../../kernels/workers.js";
import { launchIn, range, resting, take, takes, tasks, telemetryWhen, wake } from "../../support/handle.js";
import { inOrderPerSender, Sends, sendFrom, taskOf } from "../../support/senders.js";

const sizes = [1, 2, 4096];
const senderCounts = [1, 3];
/** Number of sends per sender beyond the capacity. */
const MORE = 12;

export const block: readonly Case[] = [
  ...sizes.flatMap((queueSize) => senderCounts.map((senders) => waitsAndLosesNothing(queueSize, senders))),
  ...resting.map(
    (state): Case => ({
      law: 4,
      name: `block: a ${state} kernel fills up to its capacity, then its senders wait`,
      async run(trial) {
        const handle = await launchIn(trial.runtime(), handler, state, { queueSize: 2 });
        for (const task of tasks(2)) await within(PATIENCE, handle.send(task), "a send with room");
        const third = handle.send(Task({ n: 2 }));
        await staysPending(third, "the send to a full queue");
        equal((await handle.telemetry()).ledger.input.accepted, 2, "accepted");
        await wake(handle);
        await within(PATIENCE, third, "the parked send");
        await takes(handle, [0, 1, 2]);
      },
    }),
  ),
  {
    law: 4,
    name: "block is what a kernel does that says nothing, with room for 4096",
    async run(trial) {
      const handle = await trial.runtime().launch(handler);
      for (const task of tasks(4096)) await handle.send(task);
      await staysPending(handle.send(Task({ n: 4096 })), "the send to a full queue");
      equal((await handle.telemetry()).ledger.input.queued, 4096, "queued");
      await handle.activate();
      await takes(handle, range(4097));
    },
  },
  {
    law: 4,
    name: "block: the launch has the last word on queue and strategy",
    async run(trial) {
      const runtime = trial.runtime();
      const options = { queueSize: 3, backpressure: "reject" } as const;
      const handle = await runtime.launch(handler, options);
      for (const task of tasks(3)) await handle.send(task);
      const error = await rejects(handle.send(Task({ n: 3 })), "QUEUE_FULL");
      equal(error.details.queueSize, 3, "queueSize of the error");
    },
  },
  {
    law: 4,
    name: "block: capacity is counted in messages, however large they are",
    async run(trial) {
      const handle = await trial.runtime().launch(sink, { queueSize: 3 });
      for (let n = 0; n < 3; n++) await handle.send(Task({ n, fail: "x".repeat(200_000) }));
      await staysPending(handle.send(Task({ n: 3 })), "the fourth send");
      await handle.activate();
      await telemetryWhen(handle, "four messages done", ({ processed }) => processed === 4);
    },
  },
  {
    law: 4,
    name: "block: messages in hand take no room in the queue",
    async run(trial) {
      const handle = await trial.runtime().start(handler, { queueSize: 2 });
      await handle.send(Task({ n: 0, hang: "until-asked" }));
      await telemetryWhen(handle, "one in hand", ({ ledger }) => ledger.input.inHand === 1);
      for (const task of tasks(2, 1)) await within(PATIENCE, handle.send(task), "a send with room");
      await staysPending(
        handle.send(Task({ n: 3 })).catch(() => {}),
        "the send to a full queue",
      );
    },
  },
  {
    law: 4,
    name: "block: those who wait come first, whatever their priority and whoever comes later",
    async run(trial) {
      const handle = await trial.runtime().launch(handler, { queueSize: 1 });
      const sent = [
        handle.send(Task({ n: 0 })),
        handle.send(Task({ n: 1 }, { priority: 0 })),
        handle.send(Task({ n: 2 }, { priority: 255 })),
        handle.send(Task({ n: 3 })),
      ];
      await handle.activate();
      await takes(handle, [0, 1, 2, 3]);
      await within(PATIENCE, Promise.all(sent), "the sends");
    },
  },
  {
    law: 4,
    name: "block: no sender starves while others send without pause",
    async run(trial) {
      const [senders, each] = [4, 40];
      const handle = await trial.runtime().start(handler, { queueSize: 1 });
      const send = async (sender: number) => {
        for (let i = 0; i < each; i++) await handle.send(taskOf(sender, i));
      };
      const all = Promise.all(Array.from({ length: senders }, (_, sender) => send(sender)));
      const numbers = (await take(handle, senders * each)).map(({ n }) => n);
      await within(PATIENCE, all, "the sends");
      inOrderPerSender(numbers, senders, each);
      const early = new Set(numbers.slice(0, numbers.length / 2).map((n) => n - (n % 1_000_000)));
      equal(early.size, senders, "senders heard in the first half");
    },
  },
  {
    law: 4,
    name: "block: sends that nobody awaits are bounded: 100,000 may wait, one more is QUEUE_FULL",
    limit: 40_000,
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.launch(sink, { queueSize: 1 });
      const task = Task({ n: 0 });
      const sends = new Sends(Array.from({ length: 100_001 }, () => handle.send(task)));
      const error = await rejects(handle.send(task), "QUEUE_FULL");
      equal(error.kernelId, handle.id, "kernelId");
      deepEqual(sends.errors, [], "errors of those that may wait");
      equal((await handle.telemetry()).rejected, 1, "rejected");
      await handle.activate();
      await within(30_000, sends.all(), "the parked sends"); // each is let in by itself: there is room for one
      await telemetryWhen(handle, "all done", ({ processed }) => processed === 100_001);
    },
  },
];

function waitsAndLosesNothing(queueSize: number, senders: number): Case {
  return {
    law: 4,
    name: `block: waits and loses nothing, queue of ${queueSize}, senders: ${senders}`,
    async run(trial) {
      const handle = await trial.runtime().launch(handler, { queueSize });
      const each = Math.ceil(queueSize / senders) + MORE;
      const sends = sendFrom(handle, senders, each);
      await telemetryWhen(handle, "a full queue", ({ ledger }) => ledger.input.queued === queueSize);
      await sends.accepts(queueSize);
      const { ledger, rejected } = await handle.telemetry();
      equal(ledger.input.accepted, queueSize, "accepted");
      equal(rejected, 0, "rejected");
      await handle.activate();
      const results = await take(handle, senders * each);
      await within(PATIENCE, sends.all(), "the parked sends");
      inOrderPerSender(
        results.map(({ n }) => n),
        senders,
        each,
      );
      const after = await telemetryWhen(handle, "all done", ({ processed }) => processed === senders * each);
      equal(after.ledger.input.accepted, senders * each, "accepted in the end");
      ok(after.dropped === 0 && after.deadLettered === 0, "nothing dropped, nothing dead");
    },
  };
}
