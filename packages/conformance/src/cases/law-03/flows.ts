import { pipeline } from "@ringline/core";
import { deepEqual, equal, ok } from "../../assert.js";
import type { Case } from "../../case.js";
import { Task } from "../../kernels/messages.js";
import { passer } from "../../kernels/stages.js";
import { handler } from "../../kernels/workers.js";
import { outputsOf } from "../../support/flows.js";
import { range } from "../../support/handle.js";
import { Random } from "../../support/random.js";

/** Tasks that take 0 to a few milliseconds, some without output, and some that fail. */
function jittery(count: number) {
  const random = new Random(7);
  return range(count).map((n) =>
    Task({
      n,
      ...(random.chance(0.5) && { delay: random.below(4) }),
      ...(n % 6 === 0 && { outputs: 0 }),
      ...(n % 9 === 0 && { fail: "nine" }),
    }),
  );
}
const left = (count: number) => range(count).filter((n) => n % 6 !== 0 && n % 9 !== 0);

export const flows: readonly Case[] = [
  ...(["round-robin", "least-loaded"] as const).map(
    (by): Case => ({
      law: 3,
      name: `flow: four workers, ${by}, give the order of the inputs back, also where some are filtered or fail`,
      async run(trial) {
        const flow = await trial.runtime().run(pipeline("ordered").stage(handler, { workers: 4, by }).stage(passer));
        const outputs = await outputsOf(flow, jittery(200));
        deepEqual(
          outputs.map(({ n }) => n),
          left(200),
          "outputs",
        );
      },
    }),
  ),
  {
    law: 3,
    name: "flow: one key, one worker, in order",
    async run(trial) {
      const by = ({ n }: Task) => n % 5;
      const flow = await trial.runtime().run(pipeline("keyed").stage(handler, { workers: 3, by, order: "unordered" }));
      const outputs = await outputsOf(flow, jittery(200));
      equal(outputs.length, left(200).length, "outputs");
      for (const key of range(5)) {
        const own = outputs.filter(({ n }) => n % 5 === key);
        deepEqual(
          own.map(({ n }) => n),
          left(200).filter((n) => n % 5 === key),
          `order of key ${key}`,
        );
        equal(new Set(own.map((output) => output.by)).size, 1, `workers of key ${key}`);
      }
    },
  },
  {
    law: 3,
    name: "flow: broadcast gives each worker everything, each in order",
    async run(trial) {
      const flow = await trial.runtime().run(pipeline("all").stage(handler, { workers: 3, by: "broadcast" }));
      const outputs = await outputsOf(
        flow,
        range(50).map((n) => Task({ n })),
      );
      const workers = new Set(outputs.map(({ by }) => by));
      equal(workers.size, 3, "workers");
      for (const worker of workers) {
        deepEqual(
          outputs.filter(({ by }) => by === worker).map(({ n }) => n),
          range(50),
          `outputs of ${worker}`,
        );
      }
      ok(
        outputs.every(({ n }, i) => n === Math.floor(i / 3)),
        "the order of the inputs",
      );
    },
  },
];
