import { equal, ok, rejects } from "../../assert.js";
import type { Case } from "../../case.js";
import { Task } from "../../kernels/messages.js";
import { handler } from "../../kernels/workers.js";
import { accepting, launchIn, take, takes, tasks, telemetryWhen, wake } from "../../support/handle.js";
import { inOrderPerSender, sendFrom, taskOf } from "../../support/senders.js";

const sizes = [1, 2, 4096];
const senderCounts = [1, 3];
const EXTRA = 5;

export const reject: readonly Case[] = [
  ...sizes.flatMap((queueSize) => senderCounts.map((senders) => failsAtOnce(queueSize, senders))),
  ...accepting.map(
    (state): Case => ({
      law: 4,
      name: `reject: a full ${state} kernel refuses, and accepts again once there is room`,
      async run(trial) {
        const handle = await launchIn(trial.runtime(), handler, state, { queueSize: 2, backpressure: "reject" });
        if (state === "active") {
          await handle.send(Task({ n: -1, hang: "until-asked" }));
          await telemetryWhen(handle, "one in hand", ({ ledger }) => ledger.input.inHand === 1);
        }
        for (const task of tasks(2)) await handle.send(task);
        await rejects(handle.send(Task({ n: 2 })), "QUEUE_FULL");
        if (state === "active") return;
        await wake(handle);
        await takes(handle, [0, 1]);
        await handle.send(Task({ n: 3 }));
        await takes(handle, [3]);
      },
    }),
  ),
  {
    law: 4,
    name: "reject: does not wait, whatever the time-out",
    async run(trial) {
      const handle = await trial.runtime().launch(handler, { queueSize: 1, backpressure: "reject" });
      await handle.send(Task({ n: 0 }));
      for (const timeout of [undefined, 0, 60_000, Number.POSITIVE_INFINITY]) {
        const error = await rejects(handle.send(Task({ n: 1 }), { timeout }), "QUEUE_FULL", `timeout ${timeout}`);
        equal(error.kernelId, "handler", "kernelId");
      }
      equal((await handle.telemetry()).rejected, 4, "rejected");
    },
  },
  {
    law: 4,
    name: "reject: a request to a full kernel fails with QUEUE_FULL",
    async run(trial) {
      const handle = await trial.runtime().launch(handler, { queueSize: 1, backpressure: "reject" });
      await handle.send(Task({ n: 0 }));
      await rejects(handle.request(Task({ n: 1 }), { timeout: 60_000 }), "QUEUE_FULL");
      equal((await handle.telemetry()).ledger.input.accepted, 1, "accepted");
    },
  },
  {
    law: 4,
    name: "reject: priority does not help a newcomer into a full queue",
    async run(trial) {
      const handle = await trial.runtime().launch(handler, { queueSize: 2, backpressure: "reject" });
      for (const task of tasks(2)) await handle.send(task);
      await rejects(handle.send(Task({ n: 2 }, { priority: 255 })), "QUEUE_FULL");
      await handle.activate();
      await takes(handle, [0, 1]);
    },
  },
];

function failsAtOnce(queueSize: number, senders: number): Case {
  return {
    law: 4,
    name: `reject: fails at once with QUEUE_FULL and counts it, queue of ${queueSize}, senders: ${senders}`,
    async run(trial) {
      const handle = await trial.runtime().launch(handler, { queueSize, backpressure: "reject" });
      const each = Math.floor(queueSize / senders);
      await sendFrom(handle, senders, each).all();
      for (let i = senders * each; i < queueSize; i++) await handle.send(taskOf(0, each + i));
      for (let i = 0; i < EXTRA; i++) {
        const error = await rejects(handle.send(taskOf(i % senders, 999_000 + i)), "QUEUE_FULL");
        equal(error.details.queueSize, queueSize, "queueSize of the error");
      }
      const full = await handle.telemetry();
      equal(full.rejected, EXTRA, "rejected");
      equal(full.ledger.input.accepted, queueSize, "accepted");
      equal(full.ledger.input.queued, queueSize, "queued");
      await handle.activate();
      const numbers = (await take(handle, queueSize)).map(({ n }) => n);
      ok(!numbers.some((n) => n % 1_000_000 >= 999_000), "nothing that was refused is delivered");
      if (senders * each === queueSize) inOrderPerSender(numbers, senders, each);
      else equal(new Set(numbers).size, queueSize, "messages, each once");
      equal((await telemetryWhen(handle, "done", (t) => t.processed === queueSize)).rejected, EXTRA, "rejected");
    },
  };
}
