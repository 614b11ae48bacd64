import type { Backend } from "@ringline/core";
import { fanIn } from "./aggregator.js";
import { pipelineCoordinator } from "./coordinator.js";
import { diamond } from "./diamond.js";
import { fanOut } from "./distributor.js";
import { monitoring } from "./monitoring.js";
import { parallelPipelines } from "./parallel-pipelines.js";
import { resilient } from "./resilient-stage.js";
import { simplePipeline } from "./simple-pipeline.js";
import { slowStageStrategies } from "./slow-stage.js";

export interface Pattern {
  /** Name of its file. */
  readonly name: string;
  readonly summary: string;
  /** Prints what it shows. */
  readonly run: (backend: Backend) => Promise<void>;
}

/** In the order in which one learns them. */
export const patterns: readonly Pattern[] = [
  { name: "simple-pipeline", summary: "two stages, written in three ways", run: simplePipeline },
  {
    name: "coordinator",
    summary: "a kernel that takes jobs through stages, of which one fails",
    run: pipelineCoordinator,
  },
  { name: "parallel-pipelines", summary: "copies of a pipeline, fed round-robin", run: parallelPipelines },
  { name: "distributor", summary: "fan-out: one kernel distributes work to many", run: fanOut },
  { name: "aggregator", summary: "fan-in: many to one, in batches with a flush on time-out", run: fanIn },
  { name: "diamond", summary: "a DAG: A, then B and C at the same time, then D", run: diamond },
  { name: "slow-stage", summary: "backpressure: block, reject, drop-oldest", run: slowStageStrategies },
  { name: "resilient-stage", summary: "errors as results", run: resilient },
  { name: "monitoring", summary: "telemetry for each stage", run: monitoring },
];
