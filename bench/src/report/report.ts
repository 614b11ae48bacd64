import type { HeapReport } from "../checks/heap.js";
import type { OverloadReport } from "../checks/overload.js";
import type { Parameters } from "../parameters.js";
import type { Machine } from "../process/machine.js";
import type { Summary } from "../stats/summary.js";
import type { WorkloadName } from "../workloads/workload.js";
import type { Target } from "./target.js";

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
}

export interface WorkloadReport {
  readonly name: WorkloadName;
  readonly title: string;
  readonly unit: string;
  readonly better: "higher" | "lower";
  /** Whom each subject was paired with. */
  readonly reference: string;
  readonly subjects: readonly SubjectReport[];
}

/** What `--json` prints. */
export interface Report {
  readonly machine: Machine;
  /** How many cores others left to threads when the run began; null where it did not use any. */
  readonly freeCores: number | null;
  readonly node: string;
  readonly v8: string;
  /** ISO 8601. */
  readonly date: string;
  readonly parameters: Parameters;
  /** False where node could not be started with --expose-gc. */
  readonly forcedCollection: boolean;
  readonly interrupted: boolean;
  readonly workloads: readonly WorkloadReport[];
  readonly heap: readonly (HeapReport & { readonly name: string })[];
  readonly overload: readonly OverloadReport[];
  readonly targets: readonly Target[];
  /** Subjects and checks that failed, in words. */
  readonly failures: readonly string[];
  readonly notMeasured: readonly string[];
}
