import { pipeline } from "@ringline/core";
import { deepEqual, equal, PATIENCE, rejects } from "../../assert.js";
import type { Case } from "../../case.js";
import { forward } from "../../kernels/line.js";
import { Task } from "../../kernels/messages.js";
import { handler } from "../../kernels/workers.js";
import { range } from "../../support/handle.js";

const MANY = 40;
/** Index of the input at which the first program stops. */
const STUCK = 10;
/** Number of outputs that it reads before. */
const READ = 5;

/** Makes a name of its own for each case: stored records outlive the case. */
const ownName = () => `durable-${crypto.randomUUID()}`;

export const durable: readonly Case[] = [
  {
    law: 1,
    name: "durable edge: what a program leaves is done by the next one, what was read does not come again",
    requires: "durable",
    async run(trial) {
      const name = ownName();
      const first = trial.runtime();
      const stuck = await first.run(pipeline(name).stage(forward, { durable: true }).stage(handler, { name: "last" }));
      for (const n of range(MANY)) await stuck.send(Task({ n, ...(n === STUCK && { hang: "until-asked" }) }));
      const read: { readonly n: number; readonly messageId: string }[] = [];
      while (read.length < READ) read.push(await stuck.receive({ timeout: PATIENCE }));
      await first.dispose({ timeout: 100 });

      // another kernel in the place of the one that hangs
      const next = await trial
        .runtime()
        .run(pipeline(name).stage(forward, { durable: true }).stage(forward, { name: "last" }));
      while (read.length < MANY) read.push(await next.receive({ timeout: PATIENCE }));
      deepEqual(
        read.map(({ n }) => n),
        range(MANY),
        "outputs of both",
      );
      equal(new Set(read.map(({ messageId }) => messageId)).size, MANY, "different ids");
      await next.drain({ timeout: PATIENCE });
      await rejects(next.receive({ timeout: 0 }), "TIMEOUT", "one more");
    },
  },
  {
    law: 1,
    name: "durable edge: whoever runs the flow later has it, and the one before is told",
    requires: "durable",
    async run(trial) {
      const line = pipeline(ownName()).stage(forward, { durable: true });
      const first = await trial.runtime().run(line);
      await first.send(Task({ n: 1 }));
      equal((await first.receive({ timeout: PATIENCE })).n, 1, "of the first");
      const second = await trial.runtime().run(line);
      await rejects(first.send(Task({ n: 2 }), { timeout: PATIENCE }), "FLOW_TAKEN", "a send to the first");
      await second.send(Task({ n: 3 }));
      equal((await second.receive({ timeout: PATIENCE })).n, 3, "of the second");
    },
  },
];
