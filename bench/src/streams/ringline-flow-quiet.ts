import { openFlow } from "../ringline/open-flow.js";
import type { StreamSubject } from "../stream.js";
import { handleStage } from "../subjects/ringline-handle.js";

export const ringlineFlowQuiet: StreamSubject = {
  name: "ringline-flow-quiet",
  title: "the same flow of handle bodies, telemetry off",
  open: (stages) => openFlow(handleStage, stages, false),
};
