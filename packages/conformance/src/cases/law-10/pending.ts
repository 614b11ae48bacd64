import { deepEqual, equal, ok, PATIENCE, rejects, until, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { waiter } from "../../kernels/endings.js";
import { Task } from "../../kernels/messages.js";
import { asker, fetcher } from "../../kernels/peers.js";
import { passer } from "../../kernels/stages.js";
import { batcher, handler, looper, sink } from "../../kernels/workers.js";
import { tasks, telemetryWhen } from "../../support/handle.js";
import type { TrialRuntime } from "../../trial.js";

const LONG = 60_000;

/** Calls of the host that wait at a kernel which never answers them; in an object, since `await` would wait for them. */
const waits: Readonly<Record<string, (runtime: TrialRuntime) => Promise<{ readonly waiting: Promise<unknown> }>>> = {
  "a receive": async (runtime) => {
    const handle = await runtime.start(handler);
    return { waiting: handle.receive() };
  },
  "a receive with a time-out": async (runtime) => {
    const handle = await runtime.start(handler);
    return { waiting: handle.receive({ timeout: LONG }) };
  },
  "a receive with a signal": async (runtime) => {
    const handle = await runtime.start(handler);
    return { waiting: handle.receive({ signal: new AbortController().signal }) };
  },
  "a send to a full kernel": async (runtime) => {
    const handle = await runtime.launch(handler, { queueSize: 1 });
    await handle.send(Task({ n: 0 }));
    return { waiting: handle.send(Task({ n: 1 }), { timeout: LONG }) };
  },
  "a request that is queued": async (runtime) => {
    const handle = await runtime.launch(handler);
    return { waiting: handle.request(Task({ n: 0 }), { timeout: LONG }) };
  },
  "a request that is in hand": async (runtime) => {
    const handle = await runtime.start(handler);
    const asked = handle.request(Task({ n: 0, hang: "for-ever" }));
    await telemetryWhen(handle, "the request in hand", ({ ledger }) => ledger.input.inHand === 1);
    return { waiting: asked };
  },
  "a request that waits for room": async (runtime) => {
    const handle = await runtime.launch(handler, { queueSize: 1 });
    await handle.send(Task({ n: 0 }));
    return { waiting: handle.request(Task({ n: 1 })) };
  },
};

export const pending: readonly Case[] = [
  ...Object.entries(waits).map(
    ([what, begin]): Case => ({
      law: 10,
      name: `dispose settles ${what}`,
      async run(trial) {
        const runtime = trial.runtime();
        const { waiting } = await begin(runtime);
        const outcome = rejects(waiting, "TERMINATED", what);
        await within(PATIENCE, runtime.dispose({ timeout: 50 }), "dispose");
        await outcome;
      },
    }),
  ),
  {
    law: 10,
    name: "dispose settles loops over outputs and over dead letters",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(handler);
      let outputs = 0;
      let deadLetters = 0;
      const loops = Promise.all([
        (async () => {
          for await (const _ of handle) outputs++;
        })(),
        (async () => {
          for await (const _ of runtime.deadLetters) deadLetters++;
        })(),
      ]);
      await handle.send(Task({ n: 1 }));
      await handle.send(Task({ n: 2, fail: "on purpose" }));
      await until("both loops at work", () => outputs === 1 && deadLetters === 1);
      await within(PATIENCE, runtime.dispose(), "dispose");
      await within(PATIENCE, loops, "the loops");
    },
  },
  {
    law: 10,
    name: "dispose settles a connect that waits for room in the target",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(passer);
      const last = await runtime.launch(sink, { queueSize: 1 });
      for (const task of tasks(4)) await first.send(task);
      await telemetryWhen(first, "four outputs", ({ ledger }) => ledger.output.queued === 4);
      const connecting = Promise.allSettled([runtime.connect(first, last)]);
      await telemetryWhen(last, "a full queue", ({ ledger }) => ledger.input.queued === 1);
      await within(PATIENCE, runtime.dispose(), "dispose");
      await within(PATIENCE, connecting, "connect");
      equal(runtime.deadLetters.size, 4, "dead letters");
    },
  },
  {
    law: 10,
    name: "dispose ends kernels that wait for each other",
    async run(trial) {
      const runtime = trial.runtime();
      const next = await runtime.launch(handler.as("next"));
      const asking = await runtime.start(asker);
      const fetching = await runtime.start(fetcher);
      const asked = [asking.request(Task({ n: 0 })), fetching.request(Task({ n: 1 }))];
      const outcomes = Promise.allSettled(asked);
      await telemetryWhen(next, "both wait for the peer", ({ ledger }) => ledger.input.queued === 2);
      await within(PATIENCE, runtime.dispose(), "dispose");
      for (const outcome of await within(PATIENCE, outcomes, "the requests")) {
        equal(outcome.status, "rejected", "a request to a kernel whose peer never answered");
      }
    },
  },
  {
    law: 10,
    name: "dispose ends kernels in every kind of wait",
    async run(trial) {
      const runtime = trial.runtime();
      await runtime.launch(waiter);
      for (const kernel of [handler, looper, batcher]) await runtime.start(kernel);
      const full = await runtime.start(passer, { queueSize: 1 });
      const sends = Promise.allSettled(tasks(6).map((task) => full.send(task)));
      await telemetryWhen(
        full,
        "a kernel that waits for a reader",
        ({ ledger }) => ledger.output.queued === 1 && ledger.input.queued === 1 && ledger.input.inHand === 1,
      );
      const ledgers = await within(PATIENCE, runtime.dispose(), "dispose");
      await within(PATIENCE, sends, "the sends");
      equal(ledgers.size, 10, "ports");
      for (const { id, state } of runtime.kernels) equal(state, "terminated", `state of ${id}`);
    },
  },
  ...[handler, looper, batcher].map(
    (kernel): Case => ({
      law: 10,
      name: `${kernel.id}: dispose abandons a body that never ends, after its time-out`,
      async run(trial) {
        const runtime = trial.runtime();
        const handle = await runtime.start(kernel);
        await handle.send(Task({ n: 0, hang: "for-ever" }));
        await telemetryWhen(handle, "the task in hand", ({ ledger }) => ledger.input.inHand === 1);
        const start = performance.now();
        const ledgers = await within(PATIENCE, runtime.dispose({ timeout: 30 }), "dispose");
        ok(performance.now() - start >= 25, "the body gets the time that it was given");
        equal(ledgers.get(`${kernel.id}.input`)?.deadLettered, 1, "dead-lettered");
        equal(handle.state, "terminated", "state");
      },
    }),
  ),
  {
    law: 10,
    name: "dispose: its time-out holds also for a kernel that was given more time to end before",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(handler);
      await handle.send(Task({ n: 0, hang: "for-ever" }));
      await telemetryWhen(handle, "the task in hand", ({ ledger }) => ledger.input.inHand === 1);
      const ending = handle.terminate({ timeout: Number.POSITIVE_INFINITY });
      await within(PATIENCE, runtime.dispose({ timeout: 30 }), "dispose");
      await within(PATIENCE, ending, "terminate");
      deepEqual(
        runtime.deadLetters.peek().map(({ reason, attempts }) => [reason, attempts]),
        [["TERMINATED", 1]],
        "dead letters",
      );
    },
  },
];
