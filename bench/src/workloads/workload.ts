import type { Closable, Line } from "../subject.js";

/** One thing that is measured on every subject. */
export interface Workload<L extends Closable = Line> {
  readonly name: WorkloadName;
  readonly title: string;
  readonly unit: "msg/s" | "µs" | "GB/s" | "times";
  readonly better: "higher" | "lower";
  /** Stages of the lines that it needs. */
  readonly stages: number;
  /** One measurement on an idle line, in `unit`. */
  measure(line: L): Promise<number>;
}

export const WORKLOADS = ["echo", "round-trip", "chain", "flow", "telemetry"] as const;
/** On threads: asked for by name. */
export const THREAD_WORKLOADS = [
  "threads-echo",
  "threads-cpu",
  "threads-round-trip",
  "threads-round-trip-busy",
  "threads-arrays",
  "threads-hand-over",
  "threads-fan-in",
  "threads-cores",
] as const;
export type WorkloadName = (typeof WORKLOADS)[number] | (typeof THREAD_WORKLOADS)[number];
