import { defineKernel } from "@ringline/core";
import { openKernels } from "../ringline/open-kernels.js";
import { Step } from "../ringline/step.js";
import type { Subject } from "../subject.js";

export const runStage = defineKernel({
  id: "run-stage",
  module: import.meta.url,
  input: Step,
  output: Step,
  async run(ctx) {
    for await (const step of ctx) await ctx.send(Step({ n: step.n }, { replyTo: step }));
  },
});

export const ringlineRun: Subject = {
  name: "ringline-run",
  title: "kernel with a run body: for await, awaited send",
  open: (stages) => openKernels(runStage, stages),
};
