import { deepEqual, equal, ok, PATIENCE, rejects, until, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { holder, stillborn } from "../../kernels/endings.js";
import { Task } from "../../kernels/messages.js";
import { Probe, prober } from "../../kernels/prober.js";
import { looper } from "../../kernels/workers.js";
import { take, takes, tasks, telemetryWhen } from "../../support/handle.js";

/** Ends that were not requested. */
export const ends: readonly Case[] = [
  {
    law: 5,
    name: "when a body returns, its message is done and what is queued becomes dead letters",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.launch(prober);
      await handle.send(Probe({ op: "return" }));
      for (let i = 0; i < 3; i++) await handle.send(Probe({ op: "look" }));
      await handle.activate();
      await until("terminated", () => handle.state === "terminated");
      const { ledger } = await handle.telemetry();
      deepEqual([ledger.input.done, ledger.input.deadLettered], [1, 3], "done, dead-lettered");
      for (const { reason, attempts } of runtime.deadLetters.peek()) {
        deepEqual([reason, attempts], ["TERMINATED", 0], "letter");
      }
      await take(handle, 1);
      await rejects(handle.receive(), "TERMINATED");
      await rejects(handle.send(Probe({ op: "look" })), "TERMINATED");
      await within(PATIENCE, handle.terminate(), "terminate of what has ended");
    },
  },
  {
    law: 5,
    name: "when a body returns, all who wait for the kernel are told",
    async run(trial) {
      const handle = await trial.runtime().start(prober, { queueSize: 1 });
      await take(handle, 1);
      await handle.deactivate();
      await handle.send(Probe({ op: "return" }));
      const parked = handle.send(Probe({ op: "look" }));
      const asked = rejects(handle.request(Probe({ op: "look" })), "TERMINATED", "a request");
      const receiving = rejects(handle.receive(), "TERMINATED", "a receive");
      await handle.reactivate();
      await receiving;
      await asked;
      const sent = await within(
        PATIENCE,
        parked.then(
          () => "accepted",
          (error: { code?: string }) => error.code,
        ),
        "a parked send",
      );
      // whether there was room before the end is a matter of time
      ok(sent === "accepted" || sent === "TERMINATED", `a parked send: ${sent}`);
    },
  },
  {
    law: 5,
    name: "when a body throws, its message and what is queued become dead letters of that failure",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.launch(looper);
      await handle.send(Task({ n: 0, fail: "on purpose" }));
      for (const task of tasks(2, 1)) await handle.send(task);
      await handle.activate();
      await until("failed", () => handle.state === "failed");
      await until("three dead letters", () => runtime.deadLetters.size === 3);
      const deadLetters = runtime.deadLetters.peek({ kernelId: handle.id });
      deepEqual(
        deadLetters.map(({ message, reason, attempts }) => [(message as Task).n, reason, attempts]),
        [
          [0, "KERNEL_FAILED", 1],
          [1, "KERNEL_FAILED", 0],
          [2, "KERNEL_FAILED", 0],
        ],
        "dead letters",
      );
      equal(trial.errors.length, 1, "errors");
      const error = await rejects(handle.receive(), "KERNEL_FAILED");
      equal((error.cause as Error | undefined)?.message, "on purpose", "message of the cause");
    },
  },
  {
    law: 5,
    name: "a body that throws at once fails after its launch",
    async run(trial) {
      const handle = await trial.runtime().launch(stillborn);
      await until("failed", () => handle.state === "failed");
      equal(trial.errors.length, 1, "errors");
      equal(trial.errors[0]?.kernelId, "stillborn", "kernelId");
      await rejects(handle.activate(), "KERNEL_STATE");
    },
  },
  {
    law: 5,
    name: "a body that throws while it is deactivated has failed",
    async run(trial) {
      const handle = await trial.runtime().start(looper);
      await handle.send(Task({ n: 0, delay: 20, fail: "later" }));
      await telemetryWhen(handle, "the task in hand", ({ ledger }) => ledger.input.inHand === 1);
      await handle.deactivate();
      await until("failed", () => handle.state === "failed");
      await rejects(handle.reactivate(), "KERNEL_STATE");
    },
  },
  {
    law: 5,
    name: "with manual settling messages stay in hand until they are settled, or the kernel ends",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(holder);
      for (const task of tasks(3, 1)) await handle.send(task);
      await telemetryWhen(handle, "three in hand", ({ ledger }) => ledger.input.inHand === 3);
      await handle.send(Task({ n: -2 }));
      await takes(handle, [2]);
      const { ledger } = await telemetryWhen(handle, "two settled", ({ processed }) => processed === 2);
      equal(ledger.input.inHand, 2, "in hand");
      await within(PATIENCE, handle.terminate(), "terminate");
      const deadLetters = runtime.deadLetters.peek({ kernelId: handle.id });
      deepEqual(
        deadLetters.map(({ message }) => (message as Task).n),
        [1, 3],
        "dead letters",
      );
    },
  },
];
