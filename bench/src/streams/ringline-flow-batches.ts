import { defineKernel } from "@ringline/core";
import { openFlow } from "../ringline/open-flow.js";
import { Step } from "../ringline/step.js";
import type { StreamSubject } from "../stream.js";

/** Takes what is there and sends without awaiting each: what stands beside peers that batch. */
export const batchStage = defineKernel({
  id: "batch-stage",
  module: import.meta.url,
  input: Step,
  output: Step,
  async run(ctx) {
    for await (const batch of ctx.batches({ max: 256 })) {
      let last: Promise<void> | undefined;
      for (const step of batch) last = ctx.send(Step({ n: step.n }, { replyTo: step }));
      await last;
    }
  },
});

export const ringlineFlowBatches: StreamSubject = {
  name: "ringline-flow-batches",
  title: "flow of run bodies that take and send batches, process()",
  open: (stages) => openFlow(batchStage, stages),
};
