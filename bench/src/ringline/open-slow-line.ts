import { createRuntime, defineKernel, type Kernel, type MessageOf } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import type { OpenSlowLine, Seen } from "../checks/overload.js";
import { Pace } from "../checks/pace.js";
import { Step } from "./step.js";

const intake = defineKernel({
  id: "intake",
  module: import.meta.url,
  input: Step,
  output: Step,
  handle: (step) => Step({ n: step.n }),
});

/** Captures what it shares with the check, so it runs on the check's thread only. */
function bottleneck(
  perSecond: number,
  seen: Seen,
  hurry: AbortSignal,
): Kernel<"bottleneck", MessageOf<typeof Step>, never> {
  return defineKernel({
    id: "bottleneck",
    input: Step,
    async run(ctx) {
      const pace = new Pace(perSecond);
      let allowed = 0;
      for await (const step of ctx) {
        if (allowed === 0) allowed = await pace.next(hurry).catch(() => Number.POSITIVE_INFINITY);
        allowed--;
        seen.messages++;
        if (step.n <= seen.last) seen.inOrder = false;
        seen.last = step.n;
      }
    },
  });
}

/** Two linked kernels with the default queues, which block when they are full. */
export const openSlowLine: OpenSlowLine = async (perSecond, seen, hurry) => {
  const runtime = createRuntime({ backend: inProcess() });
  const entry = await runtime.start(intake);
  const exit = await runtime.start(bottleneck(perSecond, seen, hurry));
  await runtime.connect(entry, exit);
  return {
    send: (n) => entry.send(Step({ n })),
    async ledgers() {
      const [intake, bottleneck] = [await entry.telemetry(), await exit.telemetry()];
      return { intake: intake.ledger.input, bottleneck: bottleneck.ledger.input };
    },
    close: async () => {
      await runtime.dispose();
    },
  };
};
