import { deepEqual, equal, ok, PATIENCE, rejects, soon, staysPending, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { stubborn } from "../../kernels/endings.js";
import { gated, permits } from "../../kernels/gated.js";
import { Task } from "../../kernels/messages.js";
import { passer } from "../../kernels/stages.js";
import { batcher, handler, looper } from "../../kernels/workers.js";
import { accepting, launchIn, range, takes, tasks, telemetryWhen } from "../../support/handle.js";
import { Sends } from "../../support/senders.js";

const kernels = [handler, looper, batcher];
const LONG = 60_000;

export const termination: readonly Case[] = [
  ...accepting.map(
    (state): Case => ({
      law: 5,
      name: `terminate is idempotent, from ${state}: calls at the same time and later ones wait for one end`,
      async run(trial) {
        const runtime = trial.runtime();
        const handle = await launchIn(runtime, handler, state);
        const ends = [handle.terminate(), runtime.terminate(handle.id), handle.terminate({ drain: true })];
        await within(PATIENCE, Promise.all(ends), "terminate");
        equal(handle.state, "terminated", "state");
        await within(PATIENCE, handle.terminate(), "terminate once more");
      },
    }),
  ),
  ...accepting.map(
    (state): Case => ({
      law: 5,
      name: `terminate without drain, from ${state}: what is left becomes dead letters, unprocessed`,
      async run(trial) {
        const runtime = trial.runtime();
        const handle = await launchIn(runtime, handler, state);
        const held = state === "active" ? 1 : 0;
        if (held === 1) {
          await handle.send(Task({ n: -1, hang: "until-asked" }));
          await telemetryWhen(handle, "one in hand", ({ ledger }) => ledger.input.inHand === 1);
        }
        const left = tasks(3);
        for (const task of left) await handle.send(task);
        await within(PATIENCE, handle.terminate(), "terminate");
        const deadLetters = runtime.deadLetters.peek({ kernelId: handle.id });
        deepEqual(
          deadLetters.map(({ message }) => message.messageId),
          left.map(({ messageId }) => messageId),
          "messages of the dead letters, in order",
        );
        for (const { reason, attempts } of deadLetters) deepEqual([reason, attempts], ["TERMINATED", 0], "letter");
        const { ledger } = await handle.telemetry();
        equal(ledger.input.deadLettered, 3, "dead-lettered");
        equal(ledger.input.done, held, "done: what was in hand could finish");
      },
    }),
  ),
  ...kernels.map(
    (kernel): Case => ({
      law: 5,
      name: `${kernel.id}: terminate with drain first finishes what was accepted`,
      async run(trial) {
        const runtime = trial.runtime();
        const handle = await runtime.launch(kernel);
        for (const task of tasks(200)) await handle.send(task);
        await handle.activate();
        await within(PATIENCE, handle.terminate({ drain: true }), "terminate");
        equal(runtime.deadLetters.size, 0, "dead letters");
        equal((await handle.telemetry()).processed, 200, "processed");
        await takes(handle, range(200));
        await rejects(handle.receive(), "TERMINATED", "after the last output");
      },
    }),
  ),
  {
    law: 5,
    name: "terminate with drain does not wake a kernel that is deactivated",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await launchIn(runtime, handler, "deactivated");
      for (const task of tasks(3)) await handle.send(task);
      await within(PATIENCE, handle.terminate({ drain: true }), "terminate");
      equal(runtime.deadLetters.size, 3, "dead letters");
      equal((await handle.telemetry()).received, 0, "received");
    },
  },
  {
    law: 5,
    name: "terminate with drain: a body that still works is waited for, and accepts nothing more",
    async run(trial) {
      const runtime = trial.runtime();
      await runtime.start(permits);
      const handle = await runtime.start(gated, { queueSize: 2 });
      const sends = new Sends(tasks(5).map((task) => handle.send(task)));
      await telemetryWhen(handle, "a full queue", ({ ledger }) => ledger.input.accepted === 3);
      const ending = handle.terminate({ drain: true, timeout: LONG });
      equal(handle.state, "terminating", "state");
      // parked senders end at once, as not accepted
      for (const parked of sends.promises.slice(3)) await rejects(parked, "TERMINATED", "a parked send");
      await rejects(handle.send(Task({ n: 9 })), "TERMINATED", "a new send");
      await staysPending(ending, "terminate");
      for (const task of tasks(3)) await runtime.send(permits, task);
      await takes(handle, range(3));
      await within(PATIENCE, ending, "terminate");
      equal((await handle.telemetry()).ledger.input.accepted, 3, "accepted");
    },
  },
  {
    law: 5,
    name: "terminate with drain: its time-out ends it, and the rest becomes dead letters",
    async run(trial) {
      const runtime = trial.runtime();
      await runtime.start(permits);
      const handle = await runtime.start(gated);
      for (const task of tasks(4)) await handle.send(task);
      await runtime.send(permits, Task({ n: 0 }));
      await takes(handle, [0]);
      await within(PATIENCE, handle.terminate({ drain: true, timeout: 30 }), "terminate");
      equal(handle.state, "terminated", "state");
      equal(runtime.deadLetters.peek({ kernelId: handle.id }).length, 3, "dead letters");
    },
  },
  ...kernels.map(
    (kernel): Case => ({
      law: 5,
      name: `${kernel.id}: terminate abandons a body that never ends, after its time-out`,
      async run(trial) {
        const runtime = trial.runtime();
        const handle = await runtime.start(kernel);
        const hanging = Task({ n: 0, hang: "for-ever" });
        await handle.send(hanging);
        await telemetryWhen(handle, "the task in hand", ({ ledger }) => ledger.input.inHand === 1);
        await handle.send(Task({ n: 1 }));
        const start = performance.now();
        await within(PATIENCE, handle.terminate({ timeout: 30 }), "terminate");
        ok(performance.now() - start >= 25, "the body gets the time that it was given");
        equal(handle.state, "terminated", "state");
        const deadLetters = runtime.deadLetters.peek({ kernelId: handle.id });
        const about = deadLetters.map(({ message, reason, attempts }) => [(message as Task).n, reason, attempts]);
        deepEqual(
          about,
          [
            [0, "TERMINATED", 1],
            [1, "TERMINATED", 0],
          ],
          "dead letters",
        );
        equal((await handle.telemetry()).ledger.input.inHand, 0, "in hand");
      },
    }),
  ),
  {
    law: 5,
    name: "terminate with time-out 0 does not wait for the body",
    async run(trial) {
      const handle = await trial.runtime().start(looper);
      await handle.send(Task({ n: 0, hang: "for-ever" }));
      await telemetryWhen(handle, "the task in hand", ({ ledger }) => ledger.input.inHand === 1);
      await within(PATIENCE, handle.terminate({ timeout: 0 }), "terminate");
      equal(handle.state, "terminated", "state");
    },
  },
  {
    law: 5,
    name: "terminate: its signal ends the grace period at once",
    async run(trial) {
      const handle = await trial.runtime().start(handler);
      await handle.send(Task({ n: 0, hang: "for-ever" }));
      await telemetryWhen(handle, "the task in hand", ({ ledger }) => ledger.input.inHand === 1);
      const grace = new AbortController();
      const ending = handle.terminate({ timeout: LONG, signal: grace.signal });
      await staysPending(ending, "terminate");
      equal(handle.state, "terminating", "state");
      grace.abort();
      await within(PATIENCE, ending, "terminate");
    },
  },
  {
    law: 5,
    name: "terminate refuses a time-out that is no time",
    async run(trial) {
      const handle = await trial.runtime().start(handler);
      for (const timeout of [-1, Number.NaN]) {
        await rejects(handle.terminate({ timeout }), "INVALID_ARGUMENT", `timeout ${timeout}`);
        equal(handle.state, "active", "state");
      }
    },
  },
  {
    law: 5,
    name: "nothing that an abandoned body does has an effect",
    async run(trial) {
      const handle = await trial.runtime().start(stubborn);
      await handle.send(Task({ n: 0, delay: 60 }));
      await telemetryWhen(handle, "the task in hand", ({ ledger }) => ledger.input.inHand === 1);
      await within(PATIENCE, handle.terminate({ timeout: 5 }), "terminate");
      const before = await handle.telemetry();
      await new Promise((resolve) => setTimeout(resolve, 90));
      const after = await handle.telemetry();
      deepEqual(after.ledger, before.ledger, "ledger");
      equal(after.sent, 0, "sent");
    },
  },
  {
    law: 5,
    name: "the output of a terminated kernel stays readable, then is TERMINATED",
    async run(trial) {
      const handle = await trial.runtime().start(handler);
      for (const task of tasks(3)) await handle.send(task);
      await telemetryWhen(handle, "all done", ({ processed }) => processed === 3);
      await handle.terminate();
      await takes(handle, range(3));
      await rejects(handle.receive(), "TERMINATED");
      await rejects(handle.receive({ timeout: 0 }), "TERMINATED");
    },
  },
  {
    law: 5,
    name: "a loop over a handle takes what is there and ends with the kernel",
    async run(trial) {
      const handle = await trial.runtime().start(handler);
      for (const task of tasks(4)) await handle.send(task);
      const taken: number[] = [];
      const loop = (async () => {
        for await (const { n } of handle) taken.push(n);
      })();
      await telemetryWhen(handle, "all done", ({ processed }) => processed === 4);
      await handle.terminate();
      await within(PATIENCE, loop, "the loop");
      deepEqual(taken, range(4), "taken");
    },
  },
  {
    law: 5,
    name: "a relaunched kernel has nothing of its former life",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(handler, { queueSize: 1 });
      await first.send(Task({ n: 0 }));
      await telemetryWhen(first, "an output", ({ ledger }) => ledger.output.queued === 1);
      await first.terminate();
      for (const life of [1, 2]) {
        const next = await runtime.start(handler, { queueSize: 4 });
        await rejects(next.receive({ timeout: 0 }), "TIMEOUT", "an output of the former life");
        await next.send(Task({ n: life }));
        equal((await next.receive(soon)).n, life, "n");
        await runtime.terminate(handler);
      }
      equal((await first.receive(soon)).n, 0, "the first life's output, by its own handle");
    },
  },
  {
    law: 5,
    name: "a link to a kernel that is launched again leads to its new life",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(handler.as("first"));
      const target = passer.as("target");
      const old = await runtime.start(target);
      await runtime.connect(first, old);
      await first.send(Task({ n: 1 }));
      await takes(old, [1]);
      await old.terminate();
      const fresh = await runtime.start(target);
      await first.send(Task({ n: 2 }));
      await takes(fresh, [2]);
    },
  },
  {
    law: 5,
    name: "await using ends a kernel by its handle",
    async run(trial) {
      const runtime = trial.runtime();
      {
        await using handle = await runtime.start(handler);
        equal((await handle.request(Task({ n: 1 }), soon)).n, 1, "n");
      }
      equal(runtime.state("handler"), "terminated", "state");
    },
  },
  {
    law: 5,
    name: "terminating one kernel leaves the others alone",
    async run(trial) {
      const runtime = trial.runtime();
      const handles = await Promise.all([handler, looper, batcher].map((kernel) => runtime.start(kernel)));
      await handles[1]?.terminate();
      for (const i of [0, 2]) {
        const handle = handles[i] as (typeof handles)[0];
        equal((await handle.request(Task({ n: i }), soon)).n, i, "n");
      }
    },
  },
];
