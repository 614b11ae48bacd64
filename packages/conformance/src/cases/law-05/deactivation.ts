import {
  deepEqual,
  equal,
  ok,
  PATIENCE,
  patience,
  rejects,
  sleep,
  soon,
  staysPending,
  until,
  within,
} from "../../assert.js";
import type { Case } from "../../case.js";
import { source } from "../../kernels/endings.js";
import { gated, permits } from "../../kernels/gated.js";
import { Task } from "../../kernels/messages.js";
import { Probe, prober } from "../../kernels/prober.js";
import { batcher, handler, looper } from "../../kernels/workers.js";
import { launchIn, range, resting, take, takes, tasks, telemetryWhen, wake } from "../../support/handle.js";

const kernels = [handler, looper, batcher];

export const deactivation: readonly Case[] = [
  ...kernels.flatMap((kernel) =>
    resting.map(
      (state): Case => ({
        law: 5,
        name: `${kernel.id}: a ${state} kernel keeps its queue and is delivered nothing`,
        async run(trial) {
          const handle = await launchIn(trial.runtime(), kernel, state);
          for (const task of tasks(5)) await handle.send(task);
          const receiving = handle.receive();
          await staysPending(receiving, "a result");
          const { received, ledger } = await handle.telemetry();
          equal(received, 0, "received");
          equal(ledger.input.queued, 5, "queued");
          await wake(handle);
          equal((await within(PATIENCE, receiving, "the first result")).n, 0, "first result");
          await takes(handle, range(5, 1));
        },
      }),
    ),
  ),
  ...kernels.map(
    (kernel): Case => ({
      law: 5,
      name: `${kernel.id}: once deactivate resolves nothing more is delivered`,
      async run(trial) {
        const handle = await trial.runtime().start(kernel);
        const sending = (async () => {
          for (const task of tasks(3000)) await handle.send(task);
        })();
        const first = take(handle, 10);
        await within(PATIENCE, first, "the first results");
        await handle.deactivate();
        const { received } = await handle.telemetry();
        await within(PATIENCE, sending, "the sends");
        await sleep(10);
        equal((await handle.telemetry()).received, received, "received while deactivated");
        await handle.reactivate();
        await takes(handle, range(3000, 10));
      },
    }),
  ),
  {
    law: 5,
    name: "what is in hand at a deactivation may finish and send",
    async run(trial) {
      const runtime = trial.runtime();
      await runtime.start(permits);
      const handle = await runtime.start(gated);
      for (const task of tasks(2)) await handle.send(task);
      await telemetryWhen(handle, "one in hand", ({ ledger }) => ledger.input.inHand === 1);
      await within(PATIENCE, handle.deactivate(), "deactivate with a message in hand");
      for (const task of tasks(2)) await runtime.send(permits, task);
      await takes(handle, [0]);
      await telemetryWhen(handle, "one done", ({ processed }) => processed === 1);
      await rejects(handle.receive({ timeout: 15 }), "TIMEOUT", "the second result");
      equal((await handle.telemetry()).received, 1, "received");
      await handle.reactivate();
      await takes(handle, [1]);
    },
  },
  {
    law: 5,
    name: "a parked receive stays parked while the kernel is deactivated, its time-out running",
    async run(trial) {
      const handle = await trial.runtime().start(prober);
      await take(handle, 1);
      await handle.send(Probe({ op: "receive", timeout: patience(100) }));
      await telemetryWhen(handle, "the receive parked", ({ processed }) => processed === 1);
      await handle.deactivate();
      await handle.send(Probe({ op: "look" }));
      const report = await handle.receive(soon);
      equal(report.after, "receive", "after");
      equal(report.code, "TIMEOUT", "how the receive ended");
      equal(report.isActive, false, "isActive");
      equal((await handle.telemetry()).received, 1, "received");
      await handle.reactivate();
      equal((await handle.receive(soon)).after, "look", "after the reactivation");
    },
  },
  {
    law: 5,
    name: "a receive that is parked over a pause gets its message afterwards",
    async run(trial) {
      const handle = await trial.runtime().start(prober);
      await take(handle, 1);
      await handle.send(Probe({ op: "receive" }));
      await telemetryWhen(handle, "the receive parked", ({ processed }) => processed === 1);
      await handle.deactivate();
      await handle.send(Probe({ op: "look" }));
      await rejects(handle.receive({ timeout: 15 }), "TIMEOUT", "a report while deactivated");
      await handle.reactivate();
      const report = await handle.receive(soon);
      deepEqual([report.after, report.code], ["receive", null], "how the receive ended");
    },
  },
  {
    law: 5,
    name: "a source pauses while it is deactivated and goes on where it stopped",
    async run(trial) {
      const handle = await trial.runtime().launch(source, { queueSize: 8 });
      await rejects(handle.receive({ timeout: 15 }), "TIMEOUT", "an output before the activation");
      await handle.activate();
      await takes(handle, range(20));
      await handle.deactivate();
      let next = 20;
      // what it had sent already is there still, and one send may have been waiting for room
      await until("no more outputs", async () => {
        const left = await handle.receive({ timeout: 15 }).catch(() => undefined);
        if (left === undefined) return true;
        equal(left.n, next++, "n");
        ok(next <= 20 + 8 + 2, "the source pauses");
        return false;
      });
      await handle.reactivate();
      await takes(handle, range(next + 20, next));
    },
  },
  {
    law: 5,
    name: "a deactivated kernel can be read, asked and looked at",
    async run(trial) {
      const handle = await trial.runtime().start(handler);
      await handle.send(Task({ n: 0 }));
      await telemetryWhen(handle, "an output", ({ ledger }) => ledger.output.queued === 1);
      await handle.deactivate();
      await takes(handle, [0]);
      const asked = handle.request(Task({ n: 1 }), soon);
      await staysPending(asked, "the request");
      await handle.reactivate();
      equal((await asked).n, 1, "answer");
    },
  },
];
