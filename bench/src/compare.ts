import { collectGarbage } from "./process/collect-garbage.js";
import { Interrupted, within } from "./process/within.js";
import { shuffled } from "./stats/random.js";
import type { Subject } from "./subject.js";
import type { Workload } from "./workloads/workload.js";

/** Two measurements, one right after the other. */
export interface Pair {
  readonly subject: number;
  readonly reference: number;
}

export interface CompareOptions {
  readonly pairs: number;
  /** Pairs before the first that counts. */
  readonly warmups: number;
  /** Milliseconds that one measurement may take. */
  readonly limit: number;
  readonly signal: AbortSignal;
  readonly random: () => number;
  /** `round` counts from 0, warm-ups first. */
  readonly onMeasured?: (round: number, subject: string) => void;
}

export interface Comparison {
  /** By subject, in the order given; fewer where the run was interrupted. */
  readonly pairs: ReadonlyMap<string, readonly Pair[]>;
  /** Subjects that failed, and how; they are measured no further. */
  readonly failures: ReadonlyMap<string, string>;
}

/**
 * Interleaved pairs in one process: in each round every subject runs right before or right after the reference, the
 * side that starts and the order of the subjects left to chance. So what slows the machine down for a while meets both
 * sides of a pair, and neither always runs in the other's wake. Each measurement has a line of its own, opened and
 * closed outside the time taken, after a forced collection.
 */
export async function compare(
  workload: Workload,
  reference: Subject,
  subjects: readonly Subject[],
  options: CompareOptions,
): Promise<Comparison> {
  const pairs = new Map<string, Pair[]>(subjects.map((subject) => [subject.name, []]));
  const failures = new Map<string, string>();
  for (let round = 0; round < options.warmups + options.pairs; round++) {
    for (const subject of shuffled(subjects, options.random)) {
      if (failures.has(subject.name)) continue;
      try {
        const pair = await measurePair(workload, reference, subject, options);
        if (round >= options.warmups) pairs.get(subject.name)!.push(pair);
      } catch (error) {
        if (error instanceof Interrupted) return { pairs, failures };
        failures.set(subject.name, error instanceof Error ? error.message : String(error));
      }
      options.onMeasured?.(round, subject.name);
    }
  }
  return { pairs, failures };
}

async function measurePair(
  workload: Workload,
  reference: Subject,
  subject: Subject,
  options: CompareOptions,
): Promise<Pair> {
  if (options.random() < 0.5) {
    const first = await measure(workload, reference, options);
    return { reference: first, subject: await measure(workload, subject, options) };
  }
  const first = await measure(workload, subject, options);
  return { subject: first, reference: await measure(workload, reference, options) };
}

async function measure(workload: Workload, subject: Subject, options: CompareOptions): Promise<number> {
  const line = await within(() => subject.open(workload.stages), options);
  try {
    await collectGarbage();
    return await within(() => workload.measure(line), options);
  } finally {
    await within(() => line.close(), { limit: options.limit });
  }
}
