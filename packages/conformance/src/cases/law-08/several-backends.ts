import { deepEqual, equal, ok, PATIENCE, rejects, soon, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { gated, permits } from "../../kernels/gated.js";
import { Task } from "../../kernels/messages.js";
import { asker, fetcher, forwarder } from "../../kernels/peers.js";
import { passer, passLoop } from "../../kernels/stages.js";
import { handler } from "../../kernels/workers.js";
import { range, take, takes, tasks, telemetryWhen } from "../../support/handle.js";
import { Sends } from "../../support/senders.js";

const places = ["main", "second"];
const [here, there] = [{ backend: "main" }, { backend: "second" }];

/** Several backends in one runtime. */
export const severalBackends: readonly Case[] = [
  {
    law: 8,
    name: "backends: a kernel runs where its launch says, by default on the first",
    async run(trial) {
      const runtime = trial.across(places);
      await runtime.launch(handler.as("a"));
      await runtime.launch(handler.as("b"), there);
      await runtime.launch(handler.as("c"), here);
      deepEqual(
        runtime.kernels.map(({ id, backend }) => [id, backend]),
        [
          ["a", "main"],
          ["b", "second"],
          ["c", "main"],
        ],
        "places",
      );
    },
  },
  {
    law: 8,
    name: "backends: an id is one kernel, whatever the place",
    async run(trial) {
      const runtime = trial.across(places);
      await runtime.launch(handler, here);
      const error = await rejects(runtime.launch(handler, there), "KERNEL_EXISTS");
      equal(error.details.backend, "main", "backend");
      await runtime.terminate(handler);
      const again = await runtime.start(handler, there);
      equal((await again.request(Task({ n: 1 }), soon)).n, 1, "answer from the other place");
    },
  },
  ...[passer, passLoop].flatMap((kernel) =>
    [
      [here, there],
      [there, here],
    ].map(
      ([from, to]): Case => ({
        law: 8,
        name: `backends: a link of ${kernel.id} from ${from?.backend} to ${to?.backend} carries everything in order`,
        async run(trial) {
          const runtime = trial.across(places);
          const first = await runtime.start(kernel.as("first"), from);
          const last = await runtime.start(kernel.as("last"), to);
          const before = tasks(10);
          for (const task of before) await first.send(task);
          await telemetryWhen(first, "ten outputs queued", ({ ledger }) => ledger.output.queued === 10);
          await runtime.connect(first, last);
          for (const task of tasks(90, 10)) await first.send(task);
          await takes(last, range(100));
        },
      }),
    ),
  ),
  {
    law: 8,
    name: "backends: a chain goes back and forth",
    async run(trial) {
      const runtime = trial.across(places);
      const stages = [];
      for (const i of range(6)) {
        stages.push(await runtime.start(passer.as(`stage_${i}`), i % 2 === 0 ? here : there));
        if (i > 0) await runtime.connect(stages[i - 1] as never, stages[i] as never);
      }
      const [first, last] = [stages[0], stages[5]] as [(typeof stages)[0], (typeof stages)[0]];
      for (const task of tasks(200)) await first.send(task);
      await takes(last, range(200));
    },
  },
  ...[asker, fetcher].flatMap((kernel) =>
    [
      [here, there],
      [there, here],
    ].map(
      ([own, other]): Case => ({
        law: 8,
        name: `backends: ${kernel.id} on ${own?.backend} reaches its peer on ${other?.backend}`,
        async run(trial) {
          const runtime = trial.across(places);
          await runtime.start(handler.as("next"), other);
          const first = await runtime.start(kernel, own);
          const answers = await Promise.all(range(50).map((n) => first.request(Task({ n }), soon)));
          deepEqual(
            answers.map(({ n }) => n),
            range(50),
            "answers",
          );
        },
      }),
    ),
  ),
  {
    law: 8,
    name: "backends: what a peer on another place throws comes back with its code and place",
    async run(trial) {
      const runtime = trial.across(places);
      await runtime.start(handler.as("next"), there);
      const first = await runtime.start(asker, here);
      const error = await rejects(first.request(Task({ n: 1, fail: "on purpose" }), soon), "KERNEL_FAILED");
      equal(error.kernelId, "next", "kernelId");
      equal((error.cause as Error | undefined)?.message, "on purpose", "message of the cause");
    },
  },
  {
    law: 8,
    name: "backends: a slow kernel on one place slows its sender on the other",
    async run(trial) {
      const runtime = trial.across(places);
      await runtime.start(permits, here);
      const first = await runtime.start(passer, { ...here, queueSize: 1 });
      const last = await runtime.start(gated, { ...there, queueSize: 1 });
      await runtime.connect(first, last);
      const sends = new Sends(tasks(10).map((task) => first.send(task)));
      await telemetryWhen(first, "the first full", (t) => t.ledger.input.accepted === 4 && t.ledger.input.queued === 1);
      await sends.accepts(4);
      for (const task of tasks(10)) await runtime.send(permits, task);
      await takes(last, range(10));
      await within(PATIENCE, sends.all(), "the sends");
    },
  },
  {
    law: 8,
    name: "backends: round-robin over both places gives each its share",
    async run(trial) {
      const runtime = trial.across(places);
      const first = await runtime.start(passer);
      const targets = [];
      for (const [i, place] of [here, there, here, there].entries()) {
        const target = await runtime.start(passer.as(`target_${i}`), place);
        await runtime.connect(first, target, { mode: "round-robin" });
        targets.push(target);
      }
      for (const task of tasks(40)) await first.send(task);
      for (const [i, target] of targets.entries()) {
        await takes(
          target,
          range(10).map((k) => 4 * k + i),
          `share of ${target.id}`,
        );
      }
    },
  },
  {
    law: 8,
    name: "backends: broadcast to both places gives each all",
    async run(trial) {
      const runtime = trial.across(places);
      const first = await runtime.start(passer);
      const targets = [await runtime.start(passer.as("a"), here), await runtime.start(passer.as("b"), there)];
      for (const target of targets) await runtime.connect(first, target, { mode: "broadcast" });
      for (const task of tasks(40)) await first.send(task);
      for (const target of targets) await takes(target, range(40), `outputs of ${target.id}`);
    },
  },
  {
    law: 8,
    name: "backends: the end of a kernel on one place is told to its senders on the other",
    async run(trial) {
      const runtime = trial.across(places);
      const next = await runtime.launch(handler.as("next"), { ...there, queueSize: 1 });
      const first = await runtime.start(forwarder, here);
      for (const task of tasks(2)) await first.send(task);
      await telemetryWhen(
        first,
        "one send parked",
        ({ ledger }) => ledger.input.done === 1 && ledger.input.inHand === 1,
      );
      await next.terminate();
      await telemetryWhen(first, "the parked send failed", ({ deadLettered }) => deadLettered === 1);
      ok(
        trial.errors.some(({ code }) => code === "TERMINATED"),
        "TERMINATED was told",
      );
      equal(runtime.deadLetters.peek({ kernelId: "next" }).length, 1, "dead letters of the ended kernel");
    },
  },
  {
    law: 8,
    name: "backends: each ends with the runtime, and the ledgers of both are in the last account",
    async run(trial) {
      const runtime = trial.across(places);
      const a = await runtime.start(handler.as("a"), here);
      const b = await runtime.start(handler.as("b"), there);
      for (const handle of [a, b]) {
        for (const task of tasks(5)) await handle.send(task);
        await take(handle, 5);
      }
      const ledgers = await runtime.dispose();
      deepEqual([...ledgers.keys()].sort(), ["a.input", "a.output", "b.input", "b.output"], "ports");
      for (const [port, { done }] of ledgers) equal(done, 5, `done of ${port}`);
    },
  },
];
