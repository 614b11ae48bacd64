import { type Costs, type Meter, noMeter } from "./measure/costs.js";
import { Interrupted, within } from "./process/within.js";
import { ResidentLines } from "./resident-lines.js";
import { isSteady } from "./stats/is-steady.js";
import { shuffled } from "./stats/random.js";
import type { Closable, Subject } from "./subject.js";
import type { Measured, Workload } from "./workloads/workload.js";

/** Two measurements, one right after the other. */
export interface Pair {
  readonly subject: number;
  readonly reference: number;
  /** Of the subject. */
  readonly measured: Measured;
  readonly costs: Costs | null;
}

/** Fewer say nothing. */
const LEAST_PAIRS = 3;

export interface CompareOptions {
  readonly pairs: number;
  /** Rounds before the first that counts, at least. */
  readonly warmups: number;
  /** Rounds of warm-up after which it counts in any case. Default: `warmups`. */
  readonly mostWarmups?: number;
  /** Milliseconds after which no more rounds begin than are needed for the least; default: no end. */
  readonly patience?: number;
  /** Milliseconds that one measurement may take. */
  readonly limit: number;
  readonly signal: AbortSignal;
  readonly random: () => number;
  /** Disposed of by whoever made it. Default: none. */
  readonly meter?: Meter;
  /** `pair` counts from 1, and is 0 while it warms up. */
  readonly onMeasured?: (pair: number, subject: string) => void;
}

export interface Comparison {
  /** By subject, in the order given; fewer where the run was interrupted. */
  readonly pairs: ReadonlyMap<string, readonly Pair[]>;
  /** Subjects whose figures still moved when the warm-up was over. */
  readonly unsteady: ReadonlySet<string>;
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
  const warming = new Map<string, number[]>(subjects.map((subject) => [subject.name, []]));
  const failures = new Map<string, string>();
  const lines = new ResidentLines<L>(workload.stages, options.limit);
  const unsteady = () =>
    new Set([...warming].filter(([name, figures]) => !failures.has(name) && !isSteady(figures)).map(([name]) => name));
  const mostWarmups = options.mostWarmups ?? options.warmups;
  const isWarm = (round: number) => round >= options.warmups && (round >= mostWarmups || unsteady().size === 0);
  const latest = performance.now() + (options.patience ?? Number.POSITIVE_INFINITY);
  const isLate = () => performance.now() > latest;
  let pair = 0;
  try {
    for (let round = 0; pair < (isLate() ? Math.min(LEAST_PAIRS, options.pairs) : options.pairs); round++) {
      if (pair > 0 || isWarm(round) || (round > 0 && isLate())) pair++;
      for (const subject of shuffled(subjects, options.random)) {
        if (failures.has(subject.name)) continue;
        try {
          const measured = await measurePair(workload, reference, subject, lines, options);
          if (pair > 0) pairs.get(subject.name)!.push(measured);
          else warming.get(subject.name)!.push(measured.subject);
        } catch (error) {
          if (error instanceof Interrupted) return { pairs, unsteady: unsteady(), failures };
          failures.set(subject.name, error instanceof Error ? error.message : String(error));
          await lines.close(`subject ${subject.name}`);
          await lines.close("reference");
        }
        options.onMeasured?.(pair, subject.name);
      }
    }
    return { pairs, unsteady: unsteady(), failures };
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
  const { meter = noMeter } = options;
  const measure = async (key: string, side: Subject<L>): Promise<readonly [Measured, Costs | null]> => {
    const line = await lines.get(key, side);
    const [found, costs] = await within(() => meter.run(() => workload.measure(line)), options);
    return [typeof found === "number" ? { value: found } : found, costs];
  };
  const ofReference = () => measure("reference", reference);
  const ofSubject = () => measure(`subject ${subject.name}`, subject);
  const isFirst = options.random() < 0.5;
  const before = isFirst ? await ofReference() : await ofSubject();
  const after = isFirst ? await ofSubject() : await ofReference();
  const [[other], [measured, costs]] = isFirst ? [before, after] : [after, before];
  return { subject: measured.value, reference: other.value, measured, costs };
}
