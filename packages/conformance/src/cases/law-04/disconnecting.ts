import { deepEqual, equal, PATIENCE, rejects, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { passer, passLoop } from "../../kernels/stages.js";
import { sink } from "../../kernels/workers.js";
import { range, takes, tasks, telemetryWhen } from "../../support/handle.js";

const bodies = { handle: passer, run: passLoop };

export const disconnecting: readonly Case[] = [
  ...(["handle", "run"] as const).map(
    (kind): Case => ({
      law: 4,
      name: `disconnect: outputs of a ${kind} body wait for a receiver again, and for the next link`,
      async run(trial) {
        const runtime = trial.runtime();
        const first = await runtime.start(bodies[kind].as("first"));
        const last = await runtime.start(passer.as("last"));
        await runtime.connect(first, last);
        for (const task of tasks(3)) await first.send(task);
        await takes(last, range(3), "past the link");
        await runtime.disconnect(first, last);
        for (const task of tasks(3, 3)) await first.send(task);
        await takes(first, range(6, 3), "without the link");
        for (const task of tasks(3, 6)) await first.send(task);
        await telemetryWhen(first, "outputs that wait", ({ ledger }) => ledger.output.queued === 3);
        await runtime.connect(first, last);
        for (const task of tasks(3, 9)) await first.send(task);
        await takes(last, range(12, 6), "past the second link");
        equal((await first.telemetry()).ledger.output.queued, 0, "outputs left");
      },
    }),
  ),
  {
    law: 4,
    name: "disconnect: of several links the others go on, and the mode is free again after the last",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(passer.as("first"));
      const [a, b] = [await runtime.start(passer.as("a")), await runtime.start(passer.as("b"))] as const;
      for (const target of [a, b]) await runtime.connect(first, target, { mode: "round-robin" });
      await runtime.disconnect("first" as never, a);
      for (const task of tasks(4)) await first.send(task);
      await takes(b, range(4), "the link that is left");
      await runtime.disconnect(first, b);
      for (const target of [a, b]) await runtime.connect(first, target, { mode: "broadcast" });
      for (const task of tasks(4)) await first.send(task);
      for (const target of [a, b]) await takes(target, range(4), target.id);
    },
  },
  {
    law: 4,
    name: "disconnect: a target that is full keeps what waits for it, and holds up nothing behind",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(passer.as("first"));
      const full = await runtime.launch(sink.as("full"), { queueSize: 1 });
      await runtime.connect(first, full);
      for (const task of tasks(4)) await first.send(task);
      const { ledger } = await telemetryWhen(first, "one that waits for room", ({ ledger: { input } }) => {
        return input.done + input.inHand >= 2;
      });
      equal(ledger.input.deadLettered, 0, "dead letters");
      await within(PATIENCE, runtime.disconnect(first, full), "disconnect");
      await full.activate();
      const { processed } = await telemetryWhen(full, "its share", (telemetry) => telemetry.processed >= 2);
      await takes(first, range(4, processed), "the rest");
    },
  },
  {
    law: 4,
    name: "disconnect: a kernel that is not linked is INVALID_ARGUMENT, an unknown source KERNEL_UNKNOWN; an ended target may go",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(passer.as("first"));
      const last = await runtime.start(passer.as("last"));
      const error = await rejects(runtime.disconnect(first, last), "INVALID_ARGUMENT");
      deepEqual(error.details as object, { argument: "to", value: "last" }, "details");
      await rejects(runtime.disconnect(passer.as("nobody"), last), "KERNEL_UNKNOWN");
      await runtime.connect(first, last);
      await last.terminate();
      await runtime.forget(last);
      await runtime.disconnect(first, last);
      for (const task of tasks(2)) await first.send(task);
      await takes(first, range(2));
    },
  },
];
