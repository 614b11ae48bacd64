import type { Histogram } from "../stats/histogram.js";
import type { Closable, Line } from "../subject.js";

/** Result of one measurement. */
export interface Measured {
  /** In the workload's unit. */
  readonly value: number;
  /** Messages that went through, where they are counted: CPU time is told for each. */
  readonly messages?: number;
  /** Microseconds of single messages, where they were timed. */
  readonly latencies?: Histogram;
  /** Share of what was due that came out, where messages may be refused or dropped. */
  readonly delivered?: number;
}

export type Unit = "msg/s" | "µs" | "ms" | "GB/s" | "times";

/** One thing that is measured on every subject. */
export interface Workload<L extends Closable = Line> {
  readonly name: WorkloadName;
  readonly title: string;
  readonly unit: Unit;
  readonly better: "higher" | "lower";
  /** Stages of the lines that it needs. */
  readonly stages: number;
  /** Measurements of each side in a pair, in turns, of which the better quartile counts · 1. */
  readonly slices?: number;
  /** True where one thread does it all, so that time which others took from it need not count · false. */
  readonly isAlone?: boolean;
  /** One measurement, which is one slice of a pair, on an idle line. */
  measure(line: L): Promise<number | Measured>;
}

export const WORKLOADS = [
  "echo",
  "round-trip",
  "chain",
  "latency",
  "flow",
  "telemetry",
  "devtools",
  "windows",
  "types",
  "development",
  "context",
  "patterns",
  "startup",
] as const;
/** On threads, against what else runs there. */
export const THREAD_WORKLOADS = [
  "threads-echo",
  "threads-cpu",
  "threads-round-trip",
  "threads-round-trip-busy",
  "threads-latency",
  "threads-arrays",
  "threads-hand-over",
  "threads-fan-in",
  "threads-cores",
] as const;
type Part = (typeof WORKLOADS)[number] | (typeof THREAD_WORKLOADS)[number];
/** A part, or one row of a part that has several. */
export type WorkloadName = Part | `${string}/${string}`;
