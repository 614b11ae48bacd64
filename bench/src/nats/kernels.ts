import { defineKernel } from "@ringline/core";
import { Step } from "../ringline/step.js";

/** Says so when the last message of a run has come: a negative one. */
export const counted = defineKernel({
  id: "counted",
  module: import.meta.url,
  input: Step,
  output: Step,
  handle: (step) => (step.n < 0 ? Step({ n: step.n }) : undefined),
});

/** Takes what it is given. */
export const dropped = defineKernel({
  id: "dropped",
  module: import.meta.url,
  input: Step,
  handle: () => undefined,
});
