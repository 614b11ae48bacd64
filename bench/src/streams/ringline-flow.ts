import { openFlow } from "../ringline/open-flow.js";
import type { StreamSubject } from "../stream.js";
import { handleStage } from "../subjects/ringline-handle.js";

export const ringlineFlow: StreamSubject = {
  name: "ringline-flow",
  title: "flow of handle bodies, process()",
  open: (stages) => openFlow(handleStage, stages),
};
