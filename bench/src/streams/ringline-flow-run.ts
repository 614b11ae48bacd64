import { openFlow } from "../ringline/open-flow.js";
import type { StreamSubject } from "../stream.js";
import { runStage } from "../subjects/ringline-run.js";

export const ringlineFlowRun: StreamSubject = {
  name: "ringline-flow-run",
  title: "flow of run bodies, process()",
  open: (stages) => openFlow(runStage, stages),
};
