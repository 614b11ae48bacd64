import { openFlow } from "../ringline/open-flow.js";
import type { StreamSubject } from "../stream.js";
import { echoBatches } from "../threads/kernels.js";

/** Takes what is there and sends without awaiting each: what stands beside peers that batch. */
export const ringlineFlowBatches: StreamSubject = {
  name: "ringline-flow-batches",
  title: "flow of run bodies that take and send batches, process()",
  open: (stages) => openFlow(echoBatches, stages),
};
