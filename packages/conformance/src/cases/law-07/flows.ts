import { pipeline } from "@ringline/core";
import { deepEqual, equal, ok, soon, until } from "../../assert.js";
import type { Case } from "../../case.js";
import { gated, permits } from "../../kernels/gated.js";
import { Task } from "../../kernels/messages.js";
import { passer } from "../../kernels/stages.js";
import { handler } from "../../kernels/workers.js";
import { outputsOf } from "../../support/flows.js";
import { tasks } from "../../support/handle.js";

export const flows: readonly Case[] = [
  {
    law: 7,
    name: "flow: telemetry adds the workers of a stage up, and counts what is in flight",
    async run(trial) {
      const runtime = trial.runtime();
      const flow = await runtime.run(pipeline("told").stage(handler, { workers: 3 }).stage(passer));
      await outputsOf(flow, tasks(100));
      const { stages, inFlight, throughput, bottleneck } = await flow.telemetry();
      deepEqual(
        stages.map(({ stage, workers, received, processed, sent }) => [stage, workers, received, processed, sent]),
        [
          ["handler", 3, 100, 100, 100],
          ["passer", 1, 100, 100, 100],
        ],
        "stages",
      );
      equal(inFlight, 0, "in flight");
      equal(bottleneck, null, "bottleneck");
      ok(throughput.overall > 0, "throughput");
      await flow.pause();
      for (const task of tasks(5)) await flow.send(task);
      equal((await flow.telemetry()).inFlight, 5, "in flight while it is paused");
    },
  },
  {
    law: 7,
    name: "flow: the bottleneck is the stage that the others wait for",
    async run(trial) {
      const runtime = trial.runtime();
      const permit = await runtime.start(permits);
      const narrow = { queueSize: 10 };
      const flow = await runtime.run(
        pipeline("held").stage(handler, narrow).stage(gated, narrow).stage(passer, narrow),
      );
      const sent = tasks(40).map((task) => flow.send(task));
      await until("the bottleneck shows", async () => (await flow.telemetry()).bottleneck === "gated");
      for (const _ of tasks(40)) {
        await permit.send(Task({ n: 0 }));
        await flow.receive(soon);
      }
      await Promise.all(sent);
    },
  },
];
