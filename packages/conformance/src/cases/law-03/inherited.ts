import { body, defineMessage, graph, pipeline } from "@ringline/core";
import { deepEqual, equal, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { forwarder, jobWorkers, retrier, worker } from "../../kernels/job-workers.js";
import { Job, tally } from "../../kernels/jobs.js";
import { type Result, Task } from "../../kernels/messages.js";
import { passer, passLoop } from "../../kernels/stages.js";
import { handler, looper } from "../../kernels/workers.js";

const Both = defineMessage("Both", body<{ readonly left: Result; readonly right: Result }>());
const Many = defineMessage("Many", body<{ readonly items: readonly Result[] }>());

const RANKS = [0, 1, 127, 128, 200, 255];

/** Outputs of a kernel have the priority of the message that it works on, unless the kernel names another one. */
export const inherited: readonly Case[] = [
  ...jobWorkers.map(
    (kernel): Case => ({
      law: 3,
      name: `inherited priority: outputs and answers have that of their input, ${kernel.id}`,
      async run(trial) {
        const handle = await trial.runtime().start(kernel);
        for (const priority of RANKS) {
          for (const later of [{}, { delay: 1 }]) {
            const answer = await handle.request(Job({ n: 1, ...later }, { priority }), soon);
            equal(answer.priority, priority, "priority of the answer");
            await handle.send(Job({ n: 1, outputs: 2, ...later }, { priority }));
            for (let i = 0; i < 2; i++) {
              equal((await handle.receive(soon)).priority, priority, "priority of the output");
            }
          }
        }
      },
    }),
  ),
  {
    law: 3,
    name: "inherited priority: another try at a message keeps it",
    async run(trial) {
      const runtime = trial.runtime();
      await runtime.start(tally);
      const handle = await runtime.start(retrier);
      const answer = await handle.request(Job({ n: 1, failures: 2 }, { priority: 255 }), soon);
      equal(answer.priority, 255, "priority of the answer");
    },
  },
  {
    law: 3,
    name: "inherited priority: a priority that the kernel names wins",
    async run(trial) {
      const runtime = trial.runtime();
      const target = await runtime.start(worker);
      const handle = await runtime.start(forwarder);
      await handle.send(Job({ n: 1 }, { priority: 7 }));
      equal((await target.receive(soon)).priority, 7, "priority behind a peer");
    },
  },
  ...([1, 2] as const).map(
    (workers): Case => ({
      law: 3,
      name: `inherited priority: kept through a pipeline, nested and with ${workers} worker(s) a stage`,
      async run(trial) {
        const inner = pipeline("inner").stage(passer, { workers }).stage(passLoop.as("second"), { workers });
        const flow = await trial
          .runtime()
          .run(pipeline("ranked").stage(handler, { workers }).stage(inner).stage(passLoop.as("last")));
        for (const priority of RANKS) {
          const answer = await flow.request(Task({ n: priority }, { priority }), soon);
          equal(answer.priority, priority, "priority of the answer");
        }
      },
    }),
  ),
  {
    law: 3,
    name: "inherited priority: a join keeps that of its input",
    async run(trial) {
      const both = graph("both", Task, (tasks, { join }) => {
        const branches = { left: tasks.stage(handler), right: tasks.stage(looper) };
        return join(Both, branches, { timeout: 60_000 });
      });
      const flow = await trial.runtime().run(both);
      for (const priority of RANKS) {
        const answer = await flow.request(Task({ n: 1 }, { priority }), soon);
        equal(answer.priority, priority, "priority of what is joined");
      }
    },
  },
  {
    law: 3,
    name: "inherited priority: a batch has the highest of its members",
    async run(trial) {
      const batched = pipeline("batched").stage(handler).batch(Many, { max: 3 });
      const flow = await trial.runtime().run(batched);
      const sent = [1, 255, 2].map((priority) => flow.send(Task({ n: 1 }, { priority })));
      const batch = await flow.receive(soon);
      await Promise.all(sent);
      deepEqual([batch.items.length, batch.priority], [3, 255], "members and priority of the batch");
    },
  },
];
