import type { KernelHandle } from "@ringline/core";
import { deepEqual, equal, PATIENCE, rejects, soon, until, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { type Result, Task } from "../../kernels/messages.js";
import { passer } from "../../kernels/stages.js";
import { batcher, handler, looper, sink } from "../../kernels/workers.js";
import { takes, tasks, telemetryWhen } from "../../support/handle.js";
import { letters } from "../../support/told.js";
import { quiet, reaches } from "../../support/traffic.js";
import type { TrialRuntime } from "../../trial.js";

type Handle = KernelHandle<Task, Result>;

/** Ways to launch a failed kernel again, each at the first moment at which the failure can be known. */
const relaunchers: Readonly<Record<string, (runtime: TrialRuntime, relaunch: () => void) => void>> = {
  "a state listener": (runtime, relaunch) =>
    void runtime.on("state", ({ to }) => {
      if (to === "failed") relaunch();
    }),
  "a dead letter listener": (runtime, relaunch) => void runtime.on("deadLetter", relaunch),
};

export const corners: readonly Case[] = [
  ...[handler, looper, batcher].map(
    (kernel): Case => ({
      law: 1,
      name: `settling: the same message object sent twice is two messages to ${kernel.id}`,
      async run(trial) {
        const handle = await trial.runtime().launch(kernel);
        const task = Task({ n: 1 });
        await handle.send(task);
        await handle.send(task);
        await handle.activate();
        await takes(handle, [1, 1]);
        await quiet(handle, { input: { accepted: 2, done: 2, deadLettered: 0 }, errors: 0 });
      },
    }),
  ),
  ...Object.entries(relaunchers).map(
    ([who, watch]): Case => ({
      law: 1,
      name: `end: ${who} launches a failed kernel again at once, and no account is lost`,
      async run(trial) {
        const runtime = trial.runtime();
        const failing = await runtime.launch(looper);
        await failing.send(Task({ n: 0, fail: "at the first" }));
        for (const task of tasks(4, 1)) await failing.send(task);
        let launched: Promise<Handle> | undefined;
        watch(runtime, () => {
          launched ??= runtime.launch(looper);
        });
        await failing.activate();
        await until("the second launch", () => launched !== undefined);
        const again = await within(PATIENCE, launched as Promise<Handle>, "the second launch");
        await letters(runtime, 5);
        await again.activate();
        equal((await again.request(Task({ n: 7 }), soon)).n, 7, "answer of the second launch");
        const input = (await runtime.dispose()).get("looper.input");
        deepEqual([input?.accepted, input?.done, input?.deadLettered], [6, 1, 5], "accepted, done, dead letters");
      },
    }),
  ),
  {
    law: 1,
    name: "stream: two links at once, the first of which loses its target: nothing stays in an output that nobody reads",
    async run(trial) {
      const runtime = trial.runtime();
      const from = await runtime.start(passer);
      await from.send(Task({ n: 0 }));
      await reaches(from, { output: { queued: 1 } });
      const full = await runtime.launch(passer.as("full"), { queueSize: 1 });
      await full.send(Task({ n: 9 }));
      const free = await runtime.start(sink);
      const connects = Promise.allSettled([
        runtime.connect(from, full),
        runtime.connect(from, free, { mode: "round-robin" }),
      ]);
      await full.terminate();
      const [, second] = await within(PATIENCE, connects, "both connects");
      if (second.status === "rejected") {
        equal((await from.receive(soon)).n, 0, "output of a kernel that is not linked");
        return;
      }
      await from.send(Task({ n: 1 }));
      await telemetryWhen(
        from,
        "an empty output",
        ({ ledger }) => ledger.output.queued === 0 && ledger.input.done === 2,
      );
      await until("each message is done or a dead letter", async () => {
        const lost = runtime.deadLetters.peek().filter(({ message }) => (message as Result).n < 9).length;
        return (await free.telemetry()).processed + lost === 2;
      });
    },
  },
  {
    law: 1,
    name: "dead letters: the message of a request that failed can be sent again, and its output goes the ordinary way",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.launch(handler);
      const asked = rejects(first.request(Task({ n: 3 })), "TERMINATED", "the request");
      await reaches(first, { input: { queued: 1 } });
      await first.terminate();
      await asked;
      await letters(runtime, 1);
      const [deadLetter] = runtime.deadLetters.take();
      const second = await runtime.start(handler);
      await second.send(deadLetter?.message as Task);
      await takes(second, [3]);
      equal(runtime.deadLetters.peek().length, 0, "dead letters afterwards");
    },
  },
];
