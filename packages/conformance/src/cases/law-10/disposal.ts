import { deepEqual, equal, ok, PATIENCE, rejects, soon, until, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { Task } from "../../kernels/messages.js";
import { batcher, handler, looper, sink } from "../../kernels/workers.js";
import { settled } from "../../ledger.js";
import { accepting, launchIn, range, take, takes, tasks, telemetryWhen } from "../../support/handle.js";

const kernels = [handler, looper, batcher];
export const disposal: readonly Case[] = [
  {
    law: 10,
    name: "forget: of a kernel that has ended nothing is known any more, and what nobody read are dead letters",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(handler);
      const other = await runtime.start(sink);
      const running = await rejects(runtime.forget(handle), "KERNEL_STATE");
      deepEqual(running.details as object, { state: "active", wanted: "terminated" }, "both states");
      for (const task of tasks(3)) await handle.send(task);
      await telemetryWhen(handle, "all done", ({ processed }) => processed === 3);
      await handle.terminate();
      await within(PATIENCE, runtime.forget(handle), "forget");
      equal(runtime.deadLetters.peek({ kernelId: "handler", reason: "TERMINATED" }).length, 3, "dead letters");
      const known = runtime.kernels.map(({ id }) => id);
      deepEqual(known, [other.id], "kernels");
      deepEqual([...(await runtime.telemetry()).keys()], [other.id], "telemetry");
      await rejects(runtime.forget(handle), "KERNEL_UNKNOWN");
      await rejects(runtime.send(handle, Task({ n: 0 })), "KERNEL_UNKNOWN");
      const again = await runtime.start(handler);
      equal((await again.request(Task({ n: 7 }), soon)).n, 7, "answer of the next one");
      const { accepted, done, deadLettered } = (await runtime.dispose()).get("handler.output") ?? {};
      deepEqual([accepted, done, deadLettered], [3, 0, 3], "ledger of both");
    },
  },
  {
    law: 10,
    name: "dispose returns the last ledger of every port",
    async run(trial) {
      const runtime = trial.runtime();
      const used = await runtime.start(handler);
      const idle = await runtime.launch(looper);
      await runtime.start(sink);
      for (const task of tasks(7)) await used.send(task);
      await takes(used, range(5));
      await telemetryWhen(used, "all done", ({ processed }) => processed === 7);
      for (const task of tasks(3)) await idle.send(task);
      await runtime.send(sink, Task({ n: 0 }));
      await until("the sink done", async () => (await runtime.telemetry(sink)).processed === 1);
      const ledgers = await within(PATIENCE, runtime.dispose(), "dispose");
      const counts = [...ledgers].map(([port, { accepted, done, dropped, deadLettered }]) => [
        port,
        accepted,
        done,
        dropped,
        deadLettered,
      ]);
      deepEqual(
        counts.sort(([a], [b]) => String(a).localeCompare(String(b))),
        [
          ["handler.input", 7, 7, 0, 0],
          ["handler.output", 7, 5, 0, 2],
          ["looper.input", 3, 0, 0, 3],
          ["looper.output", 0, 0, 0, 0],
          ["sink.input", 1, 1, 0, 0],
          ["sink.output", 0, 0, 0, 0],
        ],
        "accepted, done, dropped, dead-lettered",
      );
    },
  },
  {
    law: 10,
    name: "dispose: the ledger of an id counts all its lives",
    async run(trial) {
      const runtime = trial.runtime();
      for (const life of [1, 2, 3]) {
        const handle = await runtime.start(handler);
        for (const task of tasks(life)) await handle.send(task);
        await take(handle, life);
        await handle.terminate();
      }
      const ledgers = await runtime.dispose();
      equal(ledgers.size, 2, "ports");
      for (const port of ["handler.input", "handler.output"]) {
        equal(ledgers.get(port)?.accepted, 6, `accepted by ${port}`);
        equal(ledgers.get(port)?.done, 6, `done of ${port}`);
      }
    },
  },
  ...accepting.map(
    (state): Case => ({
      law: 10,
      name: `dispose ends ${state} kernels, and what they leave becomes dead letters`,
      async run(trial) {
        const runtime = trial.runtime();
        const handle = await launchIn(runtime, handler, state);
        if (state === "active") {
          await handle.send(Task({ n: -1, hang: "until-asked" }));
          await telemetryWhen(handle, "one in hand", ({ ledger }) => ledger.input.inHand === 1);
        }
        for (const task of tasks(4)) await handle.send(task);
        const ledgers = await within(PATIENCE, runtime.dispose(), "dispose");
        equal(handle.state, "terminated", "state");
        for (const [port, ledger] of ledgers) settled(port, ledger);
        const left = runtime.deadLetters.peek().filter(({ message }) => (message as Task).type === "Task");
        deepEqual(
          left.map(({ message, reason }) => [(message as Task).n, reason]),
          range(4).map((n) => [n, "TERMINATED"]),
          "dead letters",
        );
      },
    }),
  ),
  {
    law: 10,
    name: "dispose: outputs that nobody read become dead letters, in order",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(handler);
      for (const task of tasks(5)) await handle.send(task);
      await telemetryWhen(handle, "all done", ({ processed }) => processed === 5);
      await takes(handle, [0, 1]);
      await runtime.dispose();
      const deadLetters = runtime.deadLetters.peek({ kernelId: handle.id });
      deepEqual(
        deadLetters.map(({ message, reason, attempts }) => [message.type, (message as Task).n, reason, attempts]),
        range(5, 2).map((n) => ["Result", n, "TERMINATED", 0]),
        "dead letters",
      );
    },
  },
  {
    law: 10,
    name: "dispose: outputs of an ended life that nobody read become dead letters too",
    async run(trial) {
      const runtime = trial.runtime();
      for (const n of [1, 2]) {
        const handle = await runtime.start(handler);
        await handle.send(Task({ n }));
        await telemetryWhen(handle, "an output", ({ ledger }) => ledger.output.queued === 1);
        await handle.terminate();
      }
      await runtime.dispose();
      const deadLetters = runtime.deadLetters.peek({ kernelId: "handler" });
      deepEqual(deadLetters.map(({ message }) => (message as Task).n).sort(), [1, 2], "dead letters");
    },
  },
  ...kernels.map(
    (kernel): Case => ({
      law: 10,
      name: `${kernel.id}: dispose with drain first finishes what was accepted`,
      async run(trial) {
        const runtime = trial.runtime();
        const first = await runtime.start(kernel);
        const last = await runtime.start(sink);
        await runtime.connect(first, last);
        for (const task of tasks(100)) await first.send(task);
        const ledgers = await within(PATIENCE, runtime.dispose({ drain: true, ...soon }), "dispose");
        equal(ledgers.get(`${kernel.id}.input`)?.done, 100, "done by the first stage");
      },
    }),
  ),
  {
    law: 10,
    name: "dispose twice, and at the same time: one end, one ledger",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(handler);
      await handle.send(Task({ n: 0 }));
      await takes(handle, [0]);
      const [a, b] = await within(PATIENCE, Promise.all([runtime.dispose(), runtime.dispose()]), "dispose");
      deepEqual(a, b, "ledgers");
      deepEqual(await within(PATIENCE, runtime.dispose(), "dispose once more"), a, "ledgers later");
    },
  },
  {
    law: 10,
    name: "await using disposes the runtime",
    async run(trial) {
      let handle: { readonly state: string } | undefined;
      {
        await using runtime = trial.runtime();
        handle = await runtime.start(handler);
        equal((await runtime.request(handler, Task({ n: 1 }), soon)).n, 1, "n");
      }
      equal(handle.state, "terminated", "state");
    },
  },
  {
    law: 10,
    name: "await using disposes the runtime when its block throws",
    async run(trial) {
      let handle: { readonly state: string } | undefined;
      const block = async () => {
        await using runtime = trial.runtime();
        handle = await runtime.start(handler);
        throw new Error("on purpose");
      };
      const thrown = await within(
        PATIENCE,
        block().catch((error: unknown) => error),
        "the block",
      );
      equal((thrown as Error | undefined)?.message, "on purpose", "message");
      equal(handle?.state, "terminated", "state");
    },
  },
  {
    law: 10,
    name: "after dispose every use is TERMINATED, and what was counted can be read",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(handler);
      for (const task of tasks(3)) await handle.send(task);
      await takes(handle, range(3));
      await runtime.dispose();
      await rejects(runtime.launch(looper), "TERMINATED", "launch");
      await rejects(runtime.start(handler), "TERMINATED", "start");
      await rejects(handle.send(Task({ n: 1 })), "TERMINATED", "send");
      await rejects(handle.receive(), "TERMINATED", "receive");
      await rejects(handle.request(Task({ n: 1 })), "TERMINATED", "request");
      await within(PATIENCE, handle.terminate(), "terminate");
      equal(runtime.state(handler), "terminated", "state");
      equal((await handle.telemetry()).processed, 3, "processed");
      equal((await runtime.telemetry()).get("handler")?.received, 3, "received");
      equal(runtime.deadLetters.size, 0, "dead letters");
    },
  },
  {
    law: 10,
    name: "dispose while messages flow in from all sides: every send settles, nothing is lost",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(handler, { queueSize: 8 });
      const last = await runtime.start(sink, { queueSize: 8 });
      await runtime.connect(first, last);
      let accepted = 0;
      const sender = async () => {
        for (let n = 0; ; n++) {
          await first.send(Task({ n }));
          accepted++;
        }
      };
      const senders = range(5).map(() => sender().catch((error: { code?: string }) => error.code));
      await telemetryWhen(last, "a flow", ({ processed }) => processed > 200);
      const ledgers = await within(PATIENCE, runtime.dispose(), "dispose");
      const codes = await within(PATIENCE, Promise.all(senders), "the senders");
      deepEqual(
        codes,
        range(5).map(() => "TERMINATED"),
        "how the senders ended",
      );
      equal(ledgers.get("handler.input")?.accepted, accepted, "accepted, as the senders saw it");
      for (const [port, ledger] of ledgers) settled(port, ledger);
    },
  },
  {
    law: 10,
    name: "dispose while kernels are being launched: each launch settles, none runs on",
    async run(trial) {
      const runtime = trial.runtime();
      const launches = range(5).map((i) => runtime.start(handler.as(`kernel_${i}`)));
      const outcomes = Promise.allSettled(launches);
      await within(PATIENCE, runtime.dispose(), "dispose");
      for (const outcome of await within(PATIENCE, outcomes, "the launches")) {
        if (outcome.status === "rejected") {
          const { code } = outcome.reason as { code?: string };
          ok(code === "TERMINATED" || code === "KERNEL_STATE", `a launch failed with ${code}`);
        }
      }
      for (const { id, state } of runtime.kernels) equal(state, "terminated", `state of ${id}`);
    },
  },
  {
    law: 10,
    name: "dispose after a failure: the failed kernel stays failed and its ledger is there",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(looper);
      await handle.send(Task({ n: 0, fail: "on purpose" }));
      await until("failed", () => handle.state === "failed");
      const ledgers = await within(PATIENCE, runtime.dispose(), "dispose");
      equal(handle.state, "failed", "state");
      equal(ledgers.get("looper.input")?.deadLettered, 1, "dead-lettered");
    },
  },
];
