import type { Closable, Line } from "../subject.js";

/** One thing that is measured on every subject. */
export interface Workload<L extends Closable = Line> {
  readonly name: WorkloadName;
  readonly title: string;
  readonly unit: "msg/s" | "µs";
  readonly better: "higher" | "lower";
  /** Stages of the lines that it needs. */
  readonly stages: number;
  /** One measurement on an idle line, in `unit`. */
  measure(line: L): Promise<number>;
}

export const WORKLOADS = ["echo", "round-trip", "chain", "flow", "telemetry"] as const;
export type WorkloadName = (typeof WORKLOADS)[number];
