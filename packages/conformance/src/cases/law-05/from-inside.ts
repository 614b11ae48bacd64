import { deepEqual, equal, rejects, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { guideLoop, waiter } from "../../kernels/endings.js";
import { Task } from "../../kernels/messages.js";
import { Probe, prober, type Report } from "../../kernels/prober.js";
import { take, telemetryWhen } from "../../support/handle.js";

/** Cases about a body's view of its own lifecycle. */
export const fromInside: readonly Case[] = [
  {
    law: 5,
    name: "a body starts at launch, inactive",
    async run(trial) {
      const handle = await trial.runtime().launch(prober);
      const report = await handle.receive(soon);
      deepEqual(flags(report), { isActive: false, shouldTerminate: false, isAborted: false }, "flags");
      equal(report.after, "started", "after");
    },
  },
  {
    law: 5,
    name: "a body sees that it is active, and keeps its state over a pause",
    async run(trial) {
      const handle = await trial.runtime().start(prober);
      await take(handle, 1);
      const active = { isActive: true, shouldTerminate: false, isAborted: false };
      for (const seen of [1, 2, 3]) {
        const report = await handle.request(Probe({ op: "look" }), soon);
        deepEqual(flags(report), active, "flags");
        equal(report.seen, seen, "probes seen");
        await handle.deactivate();
        await handle.reactivate();
      }
    },
  },
  {
    law: 5,
    name: "waitActive waits for the activation",
    async run(trial) {
      const handle = await trial.runtime().launch(waiter);
      await rejects(handle.receive({ timeout: 15 }), "TIMEOUT", "a result before the activation");
      await handle.activate();
      equal((await handle.receive(soon)).n, 1, "n");
    },
  },
  {
    law: 5,
    name: "waitActive resolves when a kernel that was never activated is terminated",
    async run(trial) {
      const handle = await trial.runtime().launch(waiter);
      await handle.terminate();
      equal((await handle.receive(soon)).n, 0, "n");
    },
  },
  ...(["launched", "active", "deactivated"] as const).map(
    (state): Case => ({
      law: 5,
      name: `a loop over its own condition ends by it, and what stands behind it runs: terminated while ${state}`,
      async run(trial) {
        const handle = await trial.runtime().launch(guideLoop);
        await handle.send(Task({ n: 1 }));
        if (state !== "launched") {
          await handle.activate();
          equal((await handle.receive(soon)).n, 1, "n");
        }
        if (state === "deactivated") await handle.deactivate();
        await handle.terminate({ timeout: Number.POSITIVE_INFINITY });
        equal((await handle.receive(soon)).by, "behind the loop", "last output");
      },
    }),
  ),
  {
    law: 5,
    name: "waitActive of an active kernel resolves at once",
    async run(trial) {
      const handle = await trial.runtime().start(prober);
      await take(handle, 1);
      const { code } = await handle.request(Probe({ op: "waitActive", timeout: 0 }), soon);
      equal(code, null, "code");
    },
  },
  {
    law: 5,
    name: "a body that is asked to end sees it and may still send",
    async run(trial) {
      const handle = await trial.runtime().start(prober);
      await take(handle, 1);
      await handle.send(Probe({ op: "last words" }));
      await telemetryWhen(handle, "the probe in hand", ({ ledger }) => ledger.input.inHand === 1);
      await handle.terminate();
      const [words, ended] = await take(handle, 2);
      for (const report of [words, ended]) {
        deepEqual(flags(report as Report), { isActive: false, shouldTerminate: true, isAborted: true }, "flags");
      }
      deepEqual([words?.after, ended?.after], ["last words", "ended"], "reports");
      await rejects(handle.receive(), "TERMINATED", "after the last output");
    },
  },
  {
    law: 5,
    name: "a loop over messages ends when the kernel is terminated, whatever its state was",
    async run(trial) {
      const runtime = trial.runtime();
      for (const state of ["launched", "active", "deactivated"] as const) {
        const handle = await runtime.launch(prober.as(state));
        if (state !== "launched") await handle.activate();
        if (state === "deactivated") await handle.deactivate();
        await handle.terminate();
        deepEqual(
          (await take(handle, 2)).map(({ after }) => after),
          ["started", "ended"],
          "reports",
        );
      }
    },
  },
];

function flags({ isActive, shouldTerminate, isAborted }: Report) {
  return { isActive, shouldTerminate, isAborted };
}
