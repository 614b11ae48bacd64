import { equal, PATIENCE, rejects, soon, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { jumpy } from "../../kernels/endings.js";
import { Task } from "../../kernels/messages.js";
import { passLoop } from "../../kernels/stages.js";
import { batcher, handler } from "../../kernels/workers.js";
import { countingSignal } from "../../support/counting-signal.js";
import { launchIn, take, takes, tasks, telemetryWhen } from "../../support/handle.js";

const LONG = 3_600_000;

/** Cases that start everything that could keep the process alive; the probe checks after each case that it is gone. */
export const leaks: readonly Case[] = [
  {
    law: 10,
    name: "no timer is left of waits that succeeded long before their time-out",
    async run(trial) {
      const handle = await trial.runtime().start(handler, { queueSize: 1 });
      const sends = tasks(5).map((task) => handle.send(task, { timeout: LONG }));
      for (let i = 0; i < 5; i++) await handle.receive({ timeout: LONG });
      await within(PATIENCE, Promise.all(sends), "the sends");
      await handle.request(Task({ n: 1 }), { timeout: LONG });
      await handle.terminate({ timeout: LONG, drain: true });
    },
  },
  {
    law: 10,
    name: "no timer is left of waits that dispose has ended",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await launchIn(runtime, handler, "deactivated", { queueSize: 1 });
      await handle.send(Task({ n: 0 }));
      const wait = { timeout: LONG, signal: new AbortController().signal };
      const waits = [handle.send(Task({ n: 1 }), wait), handle.receive(wait), handle.request(Task({ n: 2 }), wait)];
      const outcomes = Promise.allSettled(waits);
      await runtime.dispose();
      await within(PATIENCE, outcomes, "the waits");
    },
  },
  {
    law: 10,
    name: "no timer is left of a kernel that waits before it tries again, or for a batch to fill",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(jumpy);
      await handle.send(Task({ n: 0, fail: "on purpose" }));
      await telemetryWhen(handle, "a first failure", ({ errors }) => errors === 1);
      const lingering = await runtime.start(batcher);
      await lingering.send(Task({ n: 0 }));
      await take(lingering, 1);
      await runtime.dispose();
      equal(runtime.deadLetters.peek({ kernelId: handle.id }).length, 1, "dead letters");
    },
  },
  {
    law: 10,
    name: "no timer is left of messages that would expire, nor of sends that stall",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(passLoop, { queueSize: 1 });
      const sends = tasks(4).map((task) => handle.send(Task.with(task, { expiresIn: LONG })));
      await telemetryWhen(
        handle,
        "a full output",
        ({ ledger }) => ledger.output.queued === 1 && ledger.input.inHand === 1,
      );
      const outcomes = Promise.allSettled(sends);
      await runtime.dispose();
      await within(PATIENCE, outcomes, "the sends");
    },
  },
  {
    law: 10,
    name: "no listener is left on the signals of waits, however they ended",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(handler);
      const { signal, listeners } = countingSignal();
      await handle.send(Task({ n: 0 }), { signal });
      await handle.receive({ signal, ...soon });
      equal(listeners(), 0, "listeners after a receive");
      await handle.request(Task({ n: 1 }), { signal });
      equal(listeners(), 0, "listeners after an answer");
      await rejects(handle.receive({ signal, timeout: 5 }), "TIMEOUT");
      equal(listeners(), 0, "listeners after a time-out");
      await rejects(handle.request(Task({ n: 2, fail: "on purpose" }), { signal }), "KERNEL_FAILED");
      equal(listeners(), 0, "listeners after a failure");
      const receiving = rejects(handle.receive({ signal }), "TERMINATED");
      await handle.terminate({ signal });
      await receiving;
      equal(listeners(), 0, "listeners after the end");
    },
  },
  {
    law: 10,
    name: "a hundred lives leave nothing",
    async run(trial) {
      const runtime = trial.runtime();
      for (let life = 0; life < 100; life++) {
        const handle = await runtime.start(handler);
        await handle.send(Task({ n: life }), { timeout: LONG });
        await takes(handle, [life]);
        await handle.terminate();
      }
      const ledgers = await runtime.dispose();
      equal(ledgers.get("handler.input")?.done, 100, "done");
    },
  },
  {
    law: 10,
    name: "fifty runtimes leave nothing",
    async run(trial) {
      for (let i = 0; i < 50; i++) {
        await using runtime = trial.runtime();
        const handle = await runtime.start(handler);
        equal((await handle.request(Task({ n: i }), { timeout: LONG })).n, i, "n");
      }
    },
  },
];
