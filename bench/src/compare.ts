import { Interrupted, within } from "./process/within.js";
import { ResidentLines } from "./resident-lines.js";
import { shuffled } from "./stats/random.js";
import type { Closable, Subject } from "./subject.js";
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
 * sides of a pair, and neither always runs in the other's wake. Each side has one line, opened before its first
 * measurement and kept until the end, as its users would; and no collection is forced between measurements: while no
 * message is alive it makes the engine forget what it learned about them, which no running program meets.
 */
export async function compare<L extends Closable>(
  workload: Workload<L>,
  reference: Subject<L>,
  subjects: readonly Subject<L>[],
  options: CompareOptions,
): Promise<Comparison> {
  const pairs = new Map<string, Pair[]>(subjects.map((subject) => [subject.name, []]));
  const failures = new Map<string, string>();
  const lines = new ResidentLines<L>(workload.stages, options.limit);
  try {
    for (let round = 0; round < options.warmups + options.pairs; round++) {
      for (const subject of shuffled(subjects, options.random)) {
        if (failures.has(subject.name)) continue;
        try {
          const pair = await measurePair(workload, reference, subject, lines, options);
          if (round >= options.warmups) pairs.get(subject.name)!.push(pair);
        } catch (error) {
          if (error instanceof Interrupted) return { pairs, failures };
          failures.set(subject.name, error instanceof Error ? error.message : String(error));
          await lines.close(`subject ${subject.name}`);
          await lines.close("reference");
        }
        options.onMeasured?.(round, subject.name);
      }
    }
    return { pairs, failures };
  } finally {
    await lines.closeAll();
  }
}

async function measurePair<L extends Closable>(
  workload: Workload<L>,
  reference: Subject<L>,
  subject: Subject<L>,
  lines: ResidentLines<L>,
  options: CompareOptions,
): Promise<Pair> {
  const measure = async (key: string, side: Subject<L>) => {
    const line = await lines.get(key, side);
    return within(() => workload.measure(line), options);
  };
  if (options.random() < 0.5) {
    const first = await measure("reference", reference);
    return { reference: first, subject: await measure(`subject ${subject.name}`, subject) };
  }
  const first = await measure(`subject ${subject.name}`, subject);
  return { subject: first, reference: await measure("reference", reference) };
}
