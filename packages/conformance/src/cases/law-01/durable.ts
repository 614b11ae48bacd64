import { pipeline } from "@ringline/core";
import { deepEqual, equal, rejects, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { forward } from "../../kernels/line.js";
import { Task } from "../../kernels/messages.js";
import { Numbers, summing, type Total } from "../../kernels/summing.js";
import { handler } from "../../kernels/workers.js";
import { range } from "../../support/handle.js";

const MANY = 40;
/** Index of the input at which the first program stops. */
const STUCK = 10;
/** Number of outputs that it reads before. */
const READ = 5;

/** Returns a unique name for a case, as stored records outlive the case. */
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
      while (read.length < READ) read.push(await stuck.receive(soon));
      await first.dispose({ timeout: 100 });

      // another kernel instead of the one that hangs
      const next = await trial
        .runtime()
        .run(pipeline(name).stage(forward, { durable: true }).stage(forward, { name: "last" }));
      while (read.length < MANY) read.push(await next.receive(soon));
      deepEqual(
        read.map(({ n }) => n),
        range(MANY),
        "outputs of both",
      );
      equal(new Set(read.map(({ messageId }) => messageId)).size, MANY, "different ids");
      await next.drain(soon);
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
      equal((await first.receive(soon)).n, 1, "of the first");
      const second = await trial.runtime().run(line);
      await rejects(first.send(Task({ n: 2 }), soon), "FLOW_TAKEN", "a send to the first");
      await second.send(Task({ n: 3 }));
      equal((await second.receive(soon)).n, 3, "of the second");
    },
  },
  {
    law: 1,
    name: "durable edge: each input is in one batch and in a state once, whatever programs worked on it",
    requires: "durable",
    limit: 30_000,
    async run(trial) {
      const line = pipeline(ownName())
        .stage(forward, { durable: true })
        .batch(({ items }) => Numbers({ of: items.map(({ n }) => n) }), { max: 3, linger: 1 })
        .stage(summing);
      const read = new Map<string, { readonly of: readonly number[]; readonly sum: number }>();
      const take = async (flow: { receive(wait: object): Promise<(typeof Total)["~message"]> }) => {
        const { messageId, of, sum } = await flow.receive(soon);
        read.set(messageId, { of, sum });
      };
      const count = () => [...read.values()].reduce((all, { of }) => all + of.length, 0);
      for (const program of range(3)) {
        const runtime = trial.runtime();
        const flow = await runtime.run(line);
        for (const n of range(MANY)) await flow.send(Task({ n: program * MANY + n }));
        if (program < 2) {
          for (const _ of range(READ)) await take(flow);
          await runtime.dispose({ timeout: 100 });
        } else while (count() < 3 * MANY) await take(flow);
      }
      const batches = [...read.values()].sort((a, b) => a.sum - b.sum);
      deepEqual(
        batches.flatMap(({ of }) => of).sort((a, b) => a - b),
        range(3 * MANY),
        "inputs in batches",
      );
      let sum = 0;
      for (const batch of batches) {
        sum += batch.of.reduce((a, b) => a + b, 0);
        equal(batch.sum, sum, "the state behind a batch");
      }
    },
  },
];
