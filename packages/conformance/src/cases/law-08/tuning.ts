import type { RuntimeEvents } from "@ringline/core";
import { pipeline } from "@ringline/core";
import { deepEqual, equal, ok, PATIENCE, rejects, soon, staysPending, until, within } from "../../assert.js";
import type { Case } from "../../case.js";
import type { Result } from "../../kernels/messages.js";
import { counting, countLoop } from "../../kernels/moving.js";
import { passer } from "../../kernels/stages.js";
import { range, takes, tasks, telemetryWhen } from "../../support/handle.js";
import { Sends } from "../../support/senders.js";
import { counts, quiet } from "../../support/traffic.js";

/** The limits of a running kernel or stage change, and one stage pauses. */
export const tuning: readonly Case[] = [
  {
    law: 8,
    name: "tune: a queue grows and shrinks; what is in it stays, and senders wait for room",
    async run(trial) {
      const runtime = trial.runtime();
      const told: RuntimeEvents["tuned"][] = [];
      runtime.on("tuned", (event) => told.push(event));
      const handle = await runtime.launch(passer, { queueSize: 2 });
      const sends = new Sends(tasks(8).map((task) => handle.send(task)));
      await runtime.tune(handle, { queueSize: 6, by: "the case" });
      await telemetryWhen(handle, "six accepted", ({ ledger }) => ledger.input.queued === 6);
      await staysPending(sends.all(), "the sends");
      await runtime.tune(handle, { queueSize: 1 });
      await staysPending(sends.all(), "the sends");
      await counts(handle, { input: { accepted: 6, queued: 6 } });
      await handle.activate();
      await takes(handle, range(8));
      await within(PATIENCE, sends.all(), "the sends");
      deepEqual([told.length, told[0]?.queueSize, told[0]?.by, told[1]?.queueSize], [2, 6, "the case", 1], "events");
      await rejects(runtime.tune(handle, { queueSize: 0 }), "INVALID_ARGUMENT");
      await rejects(runtime.tune(handle, { rate: 1 } as never), "INVALID_ARGUMENT");
      await quiet(handle, { processed: 8, restarts: 0, input: { accepted: 8, done: 8 } });
    },
  },
  {
    law: 8,
    name: "tune: a stage gets another rate, and goes on in order",
    async run(trial) {
      const flow = await trial.runtime().run(pipeline("tuned").stage(countLoop, { name: "slow", rate: 0.001 }));
      for (const task of tasks(12)) await flow.send(task);
      await within(PATIENCE, flow.tune("slow", { rate: 20 }), "the change");
      const start = performance.now();
      const read: Result[] = [];
      while (read.length < 12) read.push(await flow.receive(soon));
      ok(performance.now() - start > 300, "eleven messages at 20 a second take half a second");
      deepEqual(
        read.map(({ n, index }) => [n, index]),
        range(12).map((n) => [n, n]),
        "outputs",
      );
      await rejects(flow.tune("slow", { rate: 0 }), "INVALID_ARGUMENT");
      await rejects(flow.tune("other", { rate: 1 }), "INVALID_ARGUMENT");
    },
  },
  {
    law: 8,
    name: "flow: one stage pauses while the others run on, and resumes",
    async run(trial) {
      const stages = pipeline("halves").stage(passer, { name: "a" }).stage(counting, { name: "b" });
      const flow = await trial.runtime().run(stages);
      await flow.pause("b");
      for (const task of tasks(5)) await flow.send(task);
      await until("five at the paused stage", async () => {
        const [a, b] = (await flow.telemetry()).stages;
        return a?.processed === 5 && b?.ledger.input.queued === 5 && b.received === 0;
      });
      await rejects(flow.pause("c"), "INVALID_ARGUMENT");
      await flow.resume("b");
      for (const n of range(5)) equal((await flow.receive(soon)).n, n, "output");
    },
  },
];
