import type { GpuRow } from "../checks/gpu.js";
import type { HeapReport } from "../checks/heap.js";
import type { IdleReport } from "../checks/idle.js";
import type { OverloadReport } from "../checks/overload.js";
import type { SoakReport } from "../checks/soak.js";
import type { CountRow } from "../counts/count-row.js";
import type { Parameters } from "../parameters.js";
import type { Machine } from "../process/machine.js";
import type { Histogram } from "../stats/histogram.js";
import type { Summary } from "../stats/summary.js";
import type { Unit, WorkloadName } from "../workloads/workload.js";
import type { Target } from "./target.js";

/** Resources of a subject's measurements beside their figures: medians. */
export interface SubjectCosts {
  /** Microseconds of CPU time a message, all threads; null where messages are not counted. */
  readonly cpuPerMessage: number | null;
  /** CPU time divided by wall time: cores in use. */
  readonly cores: number;
  /** Time of collecting garbage divided by wall time, on the thread that measures. */
  readonly gcShare: number;
  /** Bytes of heap in use after a measurement, garbage included. */
  readonly heap: number;
}

/** One subject in one workload. */
export interface SubjectReport {
  readonly name: string;
  readonly title: string;
  /** In the workload's unit; null when there was no complete pair. */
  readonly value: Summary | null;
  /** The other half of its pairs. */
  readonly reference: Summary | null;
  /** The subject's figure divided by the reference's, pair by pair. */
  readonly ratio: Summary | null;
  /** Numbers of samples of the first pass, of the second, …; each pass is a process of its own. */
  readonly passes: readonly number[];
  readonly costs: SubjectCosts | null;
  /** Microseconds of all messages of all measurements. Null where single messages are not timed. */
  readonly latencies: Histogram | null;
  /** Of those, by name, as far as so many can tell. */
  readonly percentiles: Readonly<Record<string, number>> | null;
  /** Share of what was due that came out: 1 where nothing may be refused or dropped; null where it is not counted. */
  readonly delivered: number | null;
  /** Cores that other programs kept busy during its pairs: the median. */
  readonly others: number;
  /** Reasons not to trust the figure; empty if there are none. */
  readonly noise: readonly string[];
}

export interface WorkloadReport {
  readonly name: WorkloadName;
  /** Name of the part in `--only`: "patterns" for all of them. */
  readonly part: string;
  readonly title: string;
  readonly unit: Unit;
  readonly better: "higher" | "lower";
  /** Whom each subject was paired with. */
  readonly reference: string;
  readonly subjects: readonly SubjectReport[];
}

/** The version of what `--json` prints; another number where a field changes its meaning or goes. */
export const SCHEMA = 3;

/** Report of a run, as `--json` prints it. */
export interface Report {
  readonly schema: typeof SCHEMA;
  readonly machine: Machine;
  /** Number of cores free for threads at the start of the run; null if unknown. */
  readonly freeCores: number | null;
  /** Versions; empty in a browser. */
  readonly node: string;
  readonly v8: string;
  /** Of the repository, with "+" where files were changed; null outside of one. */
  readonly commit: string | null;
  /** The WebGPU adapter; null where none was used. */
  readonly adapter: string | null;
  /** ISO 8601. */
  readonly date: string;
  readonly parameters: Parameters;
  /** Processes that measured, one after the other. */
  readonly passes: number;
  /** False where node could not be started with --expose-gc. */
  readonly forcedCollection: boolean;
  readonly interrupted: boolean;
  readonly workloads: readonly WorkloadReport[];
  readonly heap: readonly (HeapReport & { readonly name: string })[];
  readonly overload: readonly OverloadReport[];
  readonly idle: readonly IdleReport[];
  readonly soak: readonly SoakReport[];
  /** Designs on one adapter against each other; ratios. */
  readonly gpu: readonly GpuRow[];
  /** Counts for each message that do not depend on a clock. */
  readonly counts: readonly CountRow[];
  readonly targets: readonly Target[];
  /** Subjects and checks that failed, in words. */
  readonly failures: readonly string[];
  readonly notMeasured: readonly string[];
}
