import { defineKernel } from "@ringline/core";
import { openKernels } from "../ringline/open-kernels.js";
import { Step } from "../ringline/step.js";
import type { Subject } from "../subject.js";

export const handleStage = defineKernel({
  id: "handle-stage",
  module: import.meta.url,
  input: Step,
  output: Step,
  handle: (step) => Step({ n: step.n }),
});

export const ringlineHandle: Subject = {
  name: "ringline-handle",
  title: "kernel with a handle body",
  open: (stages) => openKernels(handleStage, stages),
};
