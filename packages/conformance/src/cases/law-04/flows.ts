import { pipeline } from "@ringline/core";
import { equal, ok, PATIENCE, soon, until, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { gated, permits } from "../../kernels/gated.js";
import { Task } from "../../kernels/messages.js";
import { passer } from "../../kernels/stages.js";
import { handler } from "../../kernels/workers.js";

export const flows: readonly Case[] = [
  {
    law: 4,
    name: "flow: a slow last stage stops the source; leaving the loop calls return(), and no pull starts afterwards",
    async run(trial) {
      const runtime = trial.runtime();
      const permit = await runtime.start(permits);
      const narrow = { queueSize: 2 };
      const flow = await runtime.run(
        pipeline("slow").stage(handler, narrow).stage(passer, narrow).stage(gated, narrow),
        {
          maxInFlight: 8,
        },
      );
      let pulled = 0;
      let returned = 0;
      async function* endless() {
        try {
          for (;;) yield Task({ n: pulled++ });
        } finally {
          returned++;
        }
      }
      const outputs = flow.process(endless());
      const first = outputs.next();
      await until("the flow is full", () => pulled >= 7);
      await within(PATIENCE, new Promise((resolve) => setTimeout(resolve, 20)));
      ok(pulled <= 9, `pulled ${pulled} with room for 8`);
      await permit.send(Task({ n: 0 }));
      equal((await within(PATIENCE, first)).value?.n, 0, "first output");
      await until("room for one more is used", () => pulled >= 8);
      ok(pulled <= 10, `pulled ${pulled} with room for 8 and one done`);
      await within(PATIENCE, outputs.return(), "return()");
      equal(returned, 1, "calls of return()");
      const before = pulled;
      await permit.send(Task({ n: 0 }));
      await within(PATIENCE, new Promise((resolve) => setTimeout(resolve, 20)));
      equal(pulled, before, "pulls afterwards");
    },
  },
  {
    law: 4,
    name: "flow: sends wait while too many inputs are in flight, first come, first served",
    async run(trial) {
      const runtime = trial.runtime();
      const permit = await runtime.start(permits);
      const flow = await runtime.run(pipeline("few").stage(gated), { maxInFlight: 2 });
      const order: number[] = [];
      const sent = [0, 1, 2, 3].map((n) => flow.send(Task({ n })).then(() => order.push(n)));
      await until("two are in", () => order.length === 2);
      for (const n of [0, 1]) {
        await permit.send(Task({ n }));
        equal((await flow.receive(soon)).n, n, "output");
        await until("the next is in", () => order.length === n + 3);
      }
      await within(PATIENCE, Promise.all(sent));
      equal(order.join(), "0,1,2,3", "order of acceptance");
    },
  },
];
