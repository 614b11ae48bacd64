import { deepEqual, equal, PATIENCE, rejects, soon, staysPending, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { Task } from "../../kernels/messages.js";
import { passer, passLoop } from "../../kernels/stages.js";
import { handler, sink } from "../../kernels/workers.js";
import { launchIn, range, resting, take, takes, tasks, telemetryWhen } from "../../support/handle.js";

/** Cases about `connect`, wherever both ends run. */
export const links: readonly Case[] = [
  {
    law: 8,
    name: "connect: a linked output is not for receivers",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(passer.as("first"));
      const last = await runtime.start(passer.as("last"));
      const parked = first.receive(soon);
      const refused = rejects(parked, "PORT_LINKED", "a receive that is parked");
      await runtime.connect(first, last);
      await refused;
      const error = await rejects(first.receive(soon), "PORT_LINKED");
      deepEqual(error.details.to, ["last"], "to");
      equal(error.kernelId, "first", "kernelId");
      await first.send(Task({ n: 1 }));
      await takes(last, [1]);
    },
  },
  {
    law: 8,
    name: "connect: requests are answered past the link",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(passer.as("first"));
      const last = await runtime.start(passer.as("last"));
      await runtime.connect(first, last);
      equal((await first.request(Task({ n: 7 }), soon)).by, "first", "by");
      equal((await last.telemetry()).ledger.input.accepted, 0, "accepted by the target");
    },
  },
  {
    law: 8,
    name: "connect: a second link without a mode is PORT_LINKED, and changes nothing",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(passer.as("first"));
      const targets = [await runtime.start(passer.as("a")), await runtime.start(passer.as("b"))] as const;
      await runtime.connect(first, targets[0]);
      await rejects(runtime.connect(first, targets[1]), "PORT_LINKED");
      for (const task of tasks(4)) await first.send(task);
      await takes(targets[0], range(4));
      equal((await targets[1].telemetry()).ledger.input.accepted, 0, "accepted by the second");
    },
  },
  {
    law: 8,
    name: "connect: the same two kernels again is PORT_LINKED, another mode than the first is INVALID_ARGUMENT",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(passer.as("first"));
      const targets = [await runtime.start(passer.as("a")), await runtime.start(passer.as("b"))] as const;
      await runtime.connect(first, targets[0], { mode: "broadcast" });
      await rejects(runtime.connect(first, targets[0], { mode: "broadcast" }), "PORT_LINKED");
      await rejects(runtime.connect(first, targets[1], { mode: "round-robin" }), "INVALID_ARGUMENT");
      await runtime.connect(first, targets[1]);
      for (const task of tasks(4)) await first.send(task);
      await takes(targets[0], range(4));
      await takes(targets[1], range(4));
    },
  },
  {
    law: 8,
    name: "connect: refuses an unknown kernel, an unknown mode and a type that does not fit",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(passer.as("first"));
      const last = await runtime.start(passer.as("last"));
      const onlyTasks = await runtime.start(handler);
      await rejects(runtime.connect(first, passer.as("nobody")), "KERNEL_UNKNOWN");
      await rejects(runtime.connect(passer.as("nobody"), last), "KERNEL_UNKNOWN");
      await rejects(runtime.connect(first, last, { mode: "everywhere" as never }), "INVALID_ARGUMENT");
      const error = await rejects(runtime.connect(first, onlyTasks as never), "TYPE_MISMATCH");
      deepEqual([error.details.wanted, error.details.got], [["Task"], "Result"], "wanted, got");
      await first.send(Task({ n: 1 }));
      await takes(first, [1], "the output, not linked");
    },
  },
  ...resting.map(
    (state): Case => ({
      law: 8,
      name: `connect: a ${state} target takes what its queue holds, and the rest when it goes on`,
      async run(trial) {
        const runtime = trial.runtime();
        const first = await runtime.start(passLoop.as("first"));
        const last = await launchIn(runtime, passer.as("last"), state, { queueSize: 3 });
        for (const task of tasks(10)) await first.send(task);
        await telemetryWhen(first, "ten outputs", ({ ledger }) => ledger.output.queued === 10);
        const connecting = runtime.connect(first, last);
        await staysPending(connecting, "connect, while what is queued does not fit");
        for (const task of tasks(5, 10)) await first.send(task);
        await (state === "launched" ? last.activate() : last.reactivate());
        await takes(last, range(15));
        await within(PATIENCE, connecting, "connect");
      },
    }),
  ),
  {
    law: 8,
    name: "connect: when the target ends before what is queued has moved, nothing is lost",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(passer.as("first"));
      const last = await runtime.launch(sink, { queueSize: 2 });
      for (const task of tasks(6)) await first.send(task);
      await telemetryWhen(first, "six outputs", ({ ledger }) => ledger.output.queued === 6);
      const connecting = Promise.allSettled([runtime.connect(first, last)]);
      await telemetryWhen(last, "a full queue", ({ ledger }) => ledger.input.queued === 2);
      await last.terminate();
      await within(PATIENCE, connecting, "connect");
      await runtime.dispose();
      const deadLetters = runtime.deadLetters.peek().map(({ message }) => (message as Task).n);
      deepEqual(
        deadLetters.sort((a, b) => a - b),
        range(6),
        "dead letters",
      );
    },
  },
  {
    law: 8,
    name: "connect: many outputs of a kernel that works keep their order over the change",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(passLoop.as("first"), { queueSize: 16 });
      const last = await runtime.start(passer.as("last"), { queueSize: 16 });
      const sending = (async () => {
        for (const task of tasks(2000)) await first.send(task);
      })();
      const before = await take(first, 100);
      deepEqual(
        before.map(({ n }) => n),
        range(100),
        "outputs before the link",
      );
      await runtime.connect(first, last);
      await takes(last, range(2000, 100));
      await within(PATIENCE, sending, "the sends");
    },
  },
  {
    law: 8,
    name: "connect: several kernels into one, each in its own order",
    async run(trial) {
      const runtime = trial.runtime();
      const last = await runtime.start(passer.as("last"), { queueSize: 4 });
      const firsts = await Promise.all(range(4).map((i) => runtime.start(passLoop.as(`first_${i}`))));
      for (const first of firsts) await runtime.connect(first, last);
      const sending = Promise.all(
        firsts.map(async (first, i) => {
          for (const n of range(50)) await first.send(Task({ n: 100 * i + n }));
        }),
      );
      const numbers = (await take(last, 200)).map(({ n }) => n);
      await within(PATIENCE, sending, "the sends");
      for (const i of range(4)) {
        deepEqual(
          numbers.filter((n) => Math.floor(n / 100) === i),
          range(50).map((n) => 100 * i + n),
          `messages of first_${i}`,
        );
      }
    },
  },
];
