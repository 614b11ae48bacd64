import { deepEqual, equal, ok, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { coordinator, coordinatorByHand, Order, step } from "../../kernels/patterns/coordinator.js";
import { range } from "../../support/handle.js";
import type { Trial } from "../../trial.js";

const kernels = [coordinator, coordinatorByHand];

async function started(trial: Trial, kernel: typeof coordinator | typeof coordinatorByHand) {
  const runtime = trial.runtime();
  for (const i of [1, 2, 3]) await runtime.start(step.as(`stage${i}`));
  return { runtime, handle: await runtime.start(kernel) };
}

export const coordinated: readonly Case[] = [
  ...kernels.map(
    (kernel): Case => ({
      law: 8,
      name: `pattern, ${kernel.id}: an order goes through all stages`,
      async run(trial) {
        const { handle } = await started(trial, kernel);
        const order = Order({ trail: "" });
        await handle.send(order);
        const result = await handle.receive(soon);
        ok(result.type === "PipelineResult", `a result, not ${result.type}`);
        equal(result.trail, ">stage1>stage2>stage3", "trail");
        equal(result.correlationId, order.messageId, "cause");
      },
    }),
  ),
  ...kernels.flatMap((kernel) =>
    [1, 2, 3].map(
      (i): Case => ({
        law: 8,
        name: `pattern, ${kernel.id}: a failure in stage ${i} names it, and later stages are not asked`,
        async run(trial) {
          const { runtime, handle } = await started(trial, kernel);
          const order = Order({ trail: "", failAt: `stage${i}` });
          const result = await handle.request(order, soon);
          ok(result.type === "PipelineError", `an error, not ${result.type}`);
          equal(result.failedStage, `stage${i}`, "failedStage");
          equal(result.error, `no luck in stage${i}`, "error");
          equal(result.correlationId, order.messageId, "cause");
          const received = await Promise.all(
            [1, 2, 3].map(async (k) => (await runtime.telemetry(`stage${k}`)).received),
          );
          deepEqual(
            received,
            [1, 2, 3].map((k) => (k <= i ? 1 : 0)),
            "received by the stages",
          );
          equal((await handle.request(Order({ trail: "" }), soon)).type, "PipelineResult", "the next order");
        },
      }),
    ),
  ),
  {
    law: 8,
    name: "pattern, coordinator: many orders, each with its own outcome",
    async run(trial) {
      const { handle } = await started(trial, coordinator);
      const failing = (n: number) => (n % 4 === 0 ? undefined : `stage${n % 4}`);
      const outcomes = await Promise.all(
        range(80).map((n) => {
          const failAt = failing(n);
          return handle.request(Order({ trail: "", ...(failAt !== undefined && { failAt }) }), soon);
        }),
      );
      deepEqual(
        outcomes.map((outcome) => (outcome.type === "PipelineError" ? outcome.failedStage : undefined)),
        range(80).map(failing),
        "failed stages",
      );
    },
  },
];
