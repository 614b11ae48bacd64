import { type Costs, type Meter, noMeter, sumOfCosts } from "./measure/costs.js";
import { Interrupted, within } from "./process/within.js";
import { ResidentLines } from "./resident-lines.js";
import { isDrifting, isWarm } from "./stats/drift.js";
import { mergeHistograms } from "./stats/histogram.js";
import { quantile } from "./stats/quantile.js";
import { shuffled } from "./stats/random.js";
import type { Closable, Subject } from "./subject.js";
import type { Measured, Workload } from "./workloads/workload.js";

/** Slices of both sides, in turns. */
export interface Pair {
  /** The better quartile of the slices. */
  readonly subject: number;
  readonly reference: number;
  /** Of the subject, all slices together. */
  readonly measured: Measured;
  readonly costs: Costs | null;
  /** Cores that others kept busy meanwhile. */
  readonly others: number;
}

/** Fewer say nothing. */
const LEAST_PAIRS = 3;
/** Pairs at most, as a share of those wanted, where others were busy. */
const MOST_PAIRS = 1.5;

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
  /** Starts to look at what other programs do; the result tells the cores that they kept busy since. Default: none. */
  readonly others?: () => () => number;
  /** Cores that others may keep busy before a pair is taken once more. Default: any number. */
  readonly calm?: number;
  /** `pair` counts from 1, and is 0 while it warms up. */
  readonly onMeasured?: (pair: number, subject: string) => void;
}

export interface Comparison {
  /** By subject, in the order given; fewer where the run was interrupted. */
  readonly pairs: ReadonlyMap<string, readonly Pair[]>;
  /** Subjects whose ratios went one way from the first pair to the last. */
  readonly drifting: ReadonlySet<string>;
  /** Subjects that failed, and how; they are measured no further. */
  readonly failures: ReadonlyMap<string, string>;
}

const ratioOf = ({ subject, reference }: Pair) => subject / reference;

/**
 * Interleaved pairs in one process. In each round every subject is paired with the reference, subjects in an order left to
 * chance; a pair is short slices of both sides in turns (A B B A A B …), the side that begins changing from pair to pair.
 * So what slows the machine down for a while meets both sides, neither always runs in the other's wake, and the better
 * quartile of the slices is what the machine does where nothing slowed it down. Pairs during which others were busy are
 * taken once more, and the calmest are kept, whatever they say. Each side has one line, opened before its first
 * measurement and kept until the end, as its users would; and no collection is forced between measurements: while no
 * message is alive it makes the engine forget what it learned about them, which no running program meets.
 */
export async function compare<L extends Closable>(
  workload: Workload<L>,
  reference: Subject<L>,
  subjects: readonly Subject<L>[],
  options: CompareOptions,
): Promise<Comparison> {
  const taken = new Map<string, Pair[]>(subjects.map((subject) => [subject.name, []]));
  const warming = new Map<string, number[]>(subjects.map((subject) => [subject.name, []]));
  const failures = new Map<string, string>();
  const lines = new ResidentLines<L>(workload.stages, options.limit);
  const { calm = Number.POSITIVE_INFINITY, mostWarmups = options.warmups } = options;
  const begins = options.random() < 0.5 ? 0 : 1;
  const latest = performance.now() + (options.patience ?? Number.POSITIVE_INFINITY);
  const isLate = () => performance.now() > latest;
  const areWarm = () => [...warming].every(([name, ratios]) => failures.has(name) || isWarm(ratios));
  const isEnough = (name: string) => {
    if (failures.has(name)) return true;
    const all = taken.get(name) as Pair[];
    if (isLate()) return all.length >= Math.min(LEAST_PAIRS, options.pairs);
    const calmOnes = all.filter(({ others }) => others <= calm).length;
    return calmOnes >= options.pairs || all.length >= Math.ceil(options.pairs * MOST_PAIRS);
  };
  const found = (): Comparison => {
    const pairs = new Map([...taken].map(([name, all]) => [name, calmest(all, options.pairs, calm)]));
    const drifting = [...pairs].filter(([, all]) => isDrifting(all.map(ratioOf))).map(([name]) => name);
    return { pairs, drifting: new Set(drifting), failures };
  };
  let isWarming = true;
  try {
    for (let round = 0; ; round++) {
      if (isWarming && round >= options.warmups && (round >= mostWarmups || isLate() || areWarm())) isWarming = false;
      const left = isWarming ? subjects : subjects.filter(({ name }) => !isEnough(name));
      if (left.length === 0) return found();
      for (const subject of shuffled(left, options.random)) {
        const { name } = subject;
        if (failures.has(name)) continue;
        const all = taken.get(name) as Pair[];
        try {
          const isFirst = (round + begins) % 2 === 0;
          const pair = await measurePair(workload, reference, subject, lines, isFirst, options);
          if (isWarming) warming.get(name)?.push(ratioOf(pair));
          else all.push(pair);
        } catch (error) {
          if (error instanceof Interrupted) return found();
          failures.set(name, error instanceof Error ? error.message : String(error));
          await lines.close(`subject ${name}`);
          await lines.close("reference");
        }
        options.onMeasured?.(isWarming ? 0 : all.length, name);
      }
    }
  } finally {
    await lines.closeAll();
  }
}

/** As many pairs as are wanted: those during which others did least, in the order in which they were taken. */
function calmest(all: readonly Pair[], wanted: number, calm: number): Pair[] {
  if (all.length <= wanted) return [...all];
  const kept = all
    .map((pair, taken) => ({ taken, load: Math.max(pair.others, calm) }))
    .sort((a, b) => a.load - b.load || a.taken - b.taken)
    .slice(0, wanted);
  return kept.sort((a, b) => a.taken - b.taken).map(({ taken }) => all[taken] as Pair);
}

type Slice = readonly [Measured, Costs | null];

async function measurePair<L extends Closable>(
  workload: Workload<L>,
  reference: Subject<L>,
  subject: Subject<L>,
  lines: ResidentLines<L>,
  isReferenceFirst: boolean,
  options: CompareOptions,
): Promise<Pair> {
  const { meter = noMeter } = options;
  const measure = async (key: string, side: Subject<L>): Promise<Slice> => {
    const line = await lines.get(key, side);
    const [found, costs] = await within(() => meter.run(() => workload.measure(line)), options);
    return [typeof found === "number" ? { value: found } : found, costs];
  };
  const [ours, theirs]: [Slice[], Slice[]] = [[], []];
  const load = options.others?.();
  for (let turn = 0; turn < 2 * (workload.slices ?? 1); turn++) {
    // A B B A A B B A …
    const isReference = (((turn + 1) >> 1) & 1) === 0 ? isReferenceFirst : !isReferenceFirst;
    if (isReference) theirs.push(await measure("reference", reference));
    else ours.push(await measure(`subject ${subject.name}`, subject));
  }
  const others = load?.() ?? 0;
  const share = workload.better === "higher" ? 0.75 : 0.25;
  const best = (slices: readonly Slice[]) =>
    quantile(
      slices.map(([{ value }]) => value),
      share,
    );
  const [mine, reckoned] = [best(ours), best(theirs)];
  return { subject: mine, reference: reckoned, measured: together(ours, mine), costs: costsOf(ours), others };
}

function together(slices: readonly Slice[], value: number): Measured {
  const all = slices.map(([measured]) => measured);
  const messages = all.reduce((sum, one) => sum + (one.messages ?? Number.NaN), 0);
  const latencies = mergeHistograms(all.map((one) => one.latencies));
  const delivered = all.map((one) => one.delivered).filter((one) => one !== undefined);
  return {
    value,
    ...(!Number.isNaN(messages) && { messages }),
    ...(latencies !== null && { latencies }),
    ...(delivered.length > 0 && { delivered: delivered.reduce((sum, one) => sum + one, 0) / delivered.length }),
  };
}

const costsOf = (slices: readonly Slice[]) => sumOfCosts(slices.map(([, costs]) => costs));
