import { deepEqual, PATIENCE, soon, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { neighbour } from "../../kernels/hostile.js";
import { sink } from "../../kernels/workers.js";
import { tasks } from "../../support/handle.js";

export const circles: readonly Case[] = [
  {
    law: 10,
    name: "dispose with drain: what lies behind a circle of kernels still takes all that the circle sends",
    async run(trial) {
      const runtime = trial.runtime();
      const one = await runtime.launch(neighbour.as("one"), { peers: { next: "other" } });
      await runtime.start(neighbour.as("other"), { peers: { next: "one" } });
      const behind = await runtime.start(sink);
      await runtime.connect(one, behind);
      for (const task of tasks(20)) await one.send(task);
      await one.activate();
      const ledgers = await within(PATIENCE, runtime.dispose({ drain: true, ...soon }), "dispose");
      const done = ["one.input", "sink.input"].map((port) => ledgers.get(port)?.done);
      deepEqual(done, [20, 20], "done by the circle, and behind it");
    },
  },
];
