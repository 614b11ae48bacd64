import type { BackendName } from "../backends.js";
import type { GpuRow } from "../checks/gpu.js";
import type { HeapReport } from "../checks/heap.js";
import type { IdleReport } from "../checks/idle.js";
import type { OverloadReport } from "../checks/overload.js";
import type { SoakReport } from "../checks/soak.js";
import type { Progress } from "../cli/progress.js";
import type { CountRow } from "../counts/count-row.js";
import type { Parameters } from "../parameters.js";
import { Interrupted } from "../process/within.js";
import type { WorkloadReport } from "../report/report.js";
import type { Subject } from "../subject.js";

/** Common settings of the measurements of one run, and their results. */
export interface Session {
  readonly parameters: Parameters;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly reference: Subject;
  /** The subjects that were asked for and could be loaded. */
  readonly subjects: readonly Subject[];
  /** The names of all subjects that were asked for. */
  readonly wanted: readonly string[];
  readonly backends: readonly BackendName[];
  /** Names of cells of the patterns, or what they begin with; none: those of the run's size. */
  readonly cells: readonly string[];
  readonly workloads: WorkloadReport[];
  readonly heap: (HeapReport & { readonly name: string })[];
  readonly overload: OverloadReport[];
  readonly idle: IdleReport[];
  readonly soak: SoakReport[];
  readonly gpu: GpuRow[];
  readonly counts: CountRow[];
  readonly failures: string[];
  /** `performance.now()` of its begin. */
  readonly started: number;
  /** Rows there was no time for. */
  readonly skipped: string[];
}

/** A failure is noted and the run goes on; an interruption ends it. */
export async function attempt(what: string, failures: string[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
