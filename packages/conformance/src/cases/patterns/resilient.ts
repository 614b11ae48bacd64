import { deepEqual, equal, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { Task } from "../../kernels/messages.js";
import { resilient, resilientByOption } from "../../kernels/patterns/resilient.js";
import { range, telemetryWhen } from "../../support/handle.js";

export const resilience: readonly Case[] = [resilient, resilientByOption].map(
  (kernel): Case => ({
    law: 8,
    name: `pattern, ${kernel.id}: failures are results, with the stage that failed`,
    async run(trial) {
      const handle = await trial.runtime().start(kernel);
      const sent = range(20).map((n) => Task(n % 3 === 0 ? { n, fail: `bad ${n}` } : { n }));
      for (const task of sent) await handle.send(task);
      for (const task of sent) {
        const { data, success, error, stage, correlationId } = await handle.receive(soon);
        const failed = task.fail !== undefined;
        deepEqual([data, success, error, stage], [failed ? null : task.n * 10, !failed, task.fail ?? null, kernel.id]);
        equal(correlationId, task.messageId, "cause");
      }
      equal(handle.state, "active", "state");
      const { deadLettered } = await telemetryWhen(handle, "all done", ({ processed }) => processed === 20);
      equal(deadLettered, 0, "dead-lettered");
    },
  }),
);
