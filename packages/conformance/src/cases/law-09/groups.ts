import { pipeline } from "@ringline/core";
import { deepEqual, equal, rejects, soon, until } from "../../assert.js";
import type { Case } from "../../case.js";
import { Task } from "../../kernels/messages.js";
import { lifeCounter, passer, passLoop } from "../../kernels/stages.js";
import { handler } from "../../kernels/workers.js";
import { outputsOf } from "../../support/flows.js";
import { range } from "../../support/handle.js";
import { quick } from "../../support/supervised.js";

const groups = [
  { supervise: "all-for-one", renewed: ["group.counts", "group.fails"], lives: [1, 2, 3, 1, 2] },
  { supervise: "one-for-one", renewed: ["group.fails"], lives: [1, 2, 3, 4, 5] },
] as const;

/** Cases about the effect of a failing stage on the others of its flow. */
export const groupsOfStages: readonly Case[] = [
  ...groups.map(
    ({ supervise, renewed, lives: incarnations }): Case => ({
      law: 9,
      name: `flow: ${supervise}: the failure of a stage renews ${renewed.length === 1 ? "it alone" : "all of them"}`,
      async run(trial) {
        const runtime = trial.runtime();
        const restarted: string[] = [];
        runtime.on("restart", ({ kernelId }) => restarted.push(kernelId));
        const line = pipeline("group", { supervise })
          .stage(handler, { name: "fails", onError: "fail", supervise: quick })
          .stage(lifeCounter, { name: "counts", supervise: quick });
        const flow = await runtime.run(line);
        const seen: number[] = [];
        for (const n of range(6)) {
          const asked = flow.request(Task({ n, ...(n === 3 && { fail: "three" }) }), soon);
          if (n !== 3) seen.push((await asked).index);
          else await rejects(asked, "KERNEL_FAILED");
          if (n === 3) await until("the restarts", () => restarted.length >= renewed.length);
        }
        deepEqual(restarted.sort(), [...renewed], "who was renewed");
        deepEqual(seen, [...incarnations], "messages of the life so far");
        equal(flow.deadLetters.size, 1, "dead letters");
      },
    }),
  ),
  {
    law: 9,
    name: "flow: all-for-one: what waits in the other stages is kept, once and in order",
    async run(trial) {
      const runtime = trial.runtime();
      const renewing = { supervise: { ...quick, onCrash: "retry", effects: "commit" } } as const;
      const line = pipeline("group", { supervise: "all-for-one" })
        .stage(handler, { name: "fails", onError: "fail", supervise: quick })
        .stage(passer, { name: "first", ...renewing })
        .stage(passLoop, { name: "second", ...renewing, workers: 2 })
        .stage(passLoop, { name: "third", ...renewing });
      const flow = await runtime.run(line);
      const inputs = range(300).map((n) => Task({ n, ...(n % 50 === 49 && { fail: "now and then" }) }));
      const outputs = await outputsOf(flow, inputs);
      deepEqual(
        outputs.map(({ n }) => n),
        range(300).filter((n) => n % 50 !== 49),
        "outputs",
      );
      equal(flow.deadLetters.size, 6, "dead letters");
    },
  },
];
