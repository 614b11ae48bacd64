import { isRinglineError } from "@ringline/core";
import { deepEqual, equal, fail, PATIENCE, show, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { Task } from "../../kernels/messages.js";
import { handler } from "../../kernels/workers.js";
import { take, takes, tasks, telemetryWhen } from "../../support/handle.js";
import { taskOf } from "../../support/senders.js";
import type { TrialRuntime } from "../../trial.js";

const sizes = [1, 2, 4096];
const senderCounts = [1, 3];
const EXTRA = 6;

const numbered = (prioritised: readonly (readonly [n: number, priority: number])[]) =>
  prioritised.map(([n, priority]) => Task({ n }, { priority }));

/** Messages that a full queue drops when it gets the second priority, and those that are delivered in the end. */
const choices: readonly {
  readonly name: string;
  readonly queued: readonly (readonly [n: number, priority: number])[];
  readonly newcomers: readonly (readonly [n: number, priority: number])[];
  readonly dropped: readonly number[];
  readonly delivered: readonly number[];
}[] = [
  {
    name: "the oldest of the lowest priority goes, not the oldest of all",
    queued: [
      [0, 200],
      [1, 10],
      [2, 10],
      [3, 128],
    ],
    newcomers: [[4, 128]],
    dropped: [1],
    delivered: [0, 3, 4, 2],
  },
  {
    name: "a newcomer of the lowest priority stays, an older message goes",
    queued: [
      [0, 200],
      [1, 100],
      [2, 255],
    ],
    newcomers: [[3, 0]],
    dropped: [1],
    delivered: [2, 0, 3],
  },
  {
    name: "a newcomer that stayed is the next one to go",
    queued: [
      [0, 200],
      [1, 100],
    ],
    newcomers: [
      [2, 0],
      [3, 50],
    ],
    dropped: [1, 2],
    delivered: [0, 3],
  },
  {
    name: "the highest priority goes only when nothing else is there",
    queued: [
      [0, 255],
      [1, 255],
    ],
    newcomers: [[2, 0]],
    dropped: [0],
    delivered: [1, 2],
  },
  {
    name: "neighbouring priorities are told apart, across the whole range",
    queued: [
      [0, 32],
      [1, 31],
      [2, 64],
      [3, 1],
      [4, 0],
    ],
    newcomers: [
      [5, 255],
      [6, 255],
      [7, 255],
    ],
    dropped: [4, 3, 1],
    delivered: [5, 6, 7, 2, 0],
  },
];

export const dropOldest: readonly Case[] = [
  ...sizes.flatMap((queueSize) => senderCounts.map((senders) => dropsTheOldest(queueSize, senders))),
  ...choices.map(
    ({ name, queued, newcomers, dropped, delivered }): Case => ({
      law: 4,
      name: `drop-oldest: ${name}`,
      async run(trial) {
        const runtime = trial.runtime();
        const seen = watchDrops(runtime);
        const handle = await runtime.launch(handler, { queueSize: queued.length, backpressure: "drop-oldest" });
        for (const task of numbered([...queued, ...newcomers])) await handle.send(task);
        await telemetryWhen(handle, "all accepted", ({ dropped: count }) => count === dropped.length);
        deepEqual(seen, [...dropped], "dropped");
        await handle.activate();
        await takes(handle, delivered);
      },
    }),
  ),
  ...(["active", "deactivated"] as const).map(
    (state): Case => ({
      law: 4,
      name: `drop-oldest: a ${state} kernel accepts always, and what is in hand is never dropped`,
      async run(trial) {
        const runtime = trial.runtime();
        const seen = watchDrops(runtime);
        const handle = await runtime.start(handler, { queueSize: 1, backpressure: "drop-oldest" });
        await handle.send(Task({ n: 0, hang: "until-asked" }));
        await telemetryWhen(handle, "one in hand", ({ ledger }) => ledger.input.inHand === 1);
        if (state === "deactivated") await handle.deactivate();
        for (const task of tasks(5, 1)) await within(PATIENCE, handle.send(task), "a send");
        const { ledger } = await telemetryWhen(handle, "four drops", ({ dropped }) => dropped === 4);
        equal(ledger.input.inHand, 1, "in hand");
        equal(ledger.input.queued, 1, "queued");
        deepEqual(seen, [1, 2, 3, 4], "dropped");
      },
    }),
  ),
  {
    law: 4,
    name: "drop-oldest: the drop event names the kernel and carries the message",
    async run(trial) {
      const runtime = trial.runtime();
      const events: { readonly kernelId: string; readonly message: { readonly messageId: string } }[] = [];
      runtime.on("drop", (event) => events.push(event));
      const handle = await runtime.launch(handler.as("live"), { queueSize: 1, backpressure: "drop-oldest" });
      const first = Task({ n: 0 });
      await handle.send(first);
      await handle.send(Task({ n: 1 }));
      await telemetryWhen(handle, "a drop", ({ dropped }) => dropped === 1);
      equal(events.length, 1, "events");
      equal(events[0]?.kernelId, "live", "kernelId");
      equal(events[0]?.message.messageId, first.messageId, "messageId");
    },
  },
  {
    law: 4,
    name: "drop-oldest: whoever asked with a message that is dropped is told",
    async run(trial) {
      const handle = await trial.runtime().launch(handler, { queueSize: 1, backpressure: "drop-oldest" });
      const asked = handle.request(Task({ n: 0 }));
      asked.catch(() => {});
      await telemetryWhen(handle, "the request queued", ({ ledger }) => ledger.input.queued === 1);
      await handle.send(Task({ n: 1 }));
      const outcome = await within(
        PATIENCE,
        asked.catch((error: unknown) => error),
        "the request",
      );
      if (!isRinglineError(outcome)) fail(`the request of a dropped message gave ${show(outcome)}`);
      await handle.activate();
      await takes(handle, [1]);
    },
  },
];

function dropsTheOldest(queueSize: number, senders: number): Case {
  return {
    law: 4,
    name: `drop-oldest: drops the oldest and counts it, queue of ${queueSize}, senders: ${senders}`,
    async run(trial) {
      const runtime = trial.runtime();
      const seen = watchDrops(runtime);
      const handle = await runtime.launch(handler, { queueSize, backpressure: "drop-oldest" });
      // filled by all senders in turn, each waiting for acceptance so that their order is one
      const sent: number[] = [];
      for (let i = 0; i < queueSize + EXTRA; i++) {
        const task = taskOf(i % senders, i);
        sent.push(task.n);
        await handle.send(task);
      }
      const { ledger, rejected } = await telemetryWhen(handle, "the drops", ({ dropped }) => dropped === EXTRA);
      equal(ledger.input.accepted, queueSize + EXTRA, "accepted");
      equal(ledger.input.queued, queueSize, "queued");
      equal(rejected, 0, "rejected");
      deepEqual(seen, sent.slice(0, EXTRA), "dropped");
      await handle.activate();
      deepEqual(
        (await take(handle, queueSize)).map(({ n }) => n),
        sent.slice(EXTRA),
        "delivered",
      );
    },
  };
}

/** The numbers of the messages that are dropped, as they are. */
function watchDrops(runtime: TrialRuntime): number[] {
  const seen: number[] = [];
  runtime.on("drop", ({ message }) => seen.push((message as Task).n));
  return seen;
}
