import { stopwatch } from "../measure/stopwatch.js";
import type { Measured, Workload } from "../workloads/workload.js";
import { type Cell, nameOf } from "./cells.js";
import type { RunningPattern } from "./open-pattern.js";
import { patternOf } from "./patterns.js";
import type { Payload } from "./payloads.js";

/**
 * Messages of a measurement: the first has the least, the others as many as fill the time. Fewer would measure how a flow
 * begins and ends.
 */
const LEAST: Readonly<Record<Payload, number>> = { "64B": 256, "1KB": 256, "64KB": 64, "4MB": 16 };
const MOST = 100_000;
/** Few: a flow begins and ends in each. */
const SLICES = 3;

/** Number of messages of a cell whose messages take long. */
const FEW = 24;

const WORDS = {
  none: "no work",
  "5us": "5 µs of work a message",
  "50us": "50 µs of work a message",
  "500us": "500 µs of work a message",
  data: "data-parallel work",
} as const;

/** Messages after which engines have compiled what they run; each thread compiles for itself. */
const WARM = 20_000;

export interface PatternTimes {
  /** Milliseconds that a measurement is to take, about. */
  readonly duration: number;
  /** Milliseconds after which a running pattern counts as warm, if it has not had enough messages before. */
  readonly warmUp: number;
}

/** Messages a second of a whole source, on a running pattern that is warm. */
export function patternWorkload(cell: Cell, { duration, warmUp }: PatternTimes): Workload<RunningPattern> {
  const pattern = patternOf(cell.pattern);
  const least = cell.work === "500us" ? Math.min(FEW, LEAST[cell.payload]) : LEAST[cell.payload];
  const fitting = new WeakMap<RunningPattern, number>();
  const once = async (running: RunningPattern): Promise<Measured & { readonly messages: number }> => {
    const messages = fitting.get(running) ?? least;
    const time = stopwatch(running.isAlone);
    const { outputs, failure } = await running.run(messages);
    const elapsed = time();
    const wanted = messages * (pattern.outputs ?? 1);
    if (outputs > wanted || (outputs < wanted && pattern.lossy !== true)) {
      const why = failure === undefined ? "" : `: ${failure}`;
      throw new Error(`${outputs} outputs of ${messages} messages, where ${wanted} were due${why}`);
    }
    await running.check();
    // no more than ten times as many at once: the first ones are slow
    const fit = Math.min((messages * duration) / SLICES / elapsed, messages * 10);
    fitting.set(running, Math.round(Math.min(MOST, Math.max(least, fit))));
    return { value: messages / (elapsed / 1000), messages, delivered: outputs / wanted };
  };
  const warm = async (running: RunningPattern): Promise<void> => {
    const latest = performance.now() + warmUp;
    for (let sent = 0; sent < WARM && performance.now() < latest; ) sent += (await once(running)).messages;
  };
  return {
    name: nameOf(cell),
    title: `${pattern.title}, ${cell.payload}, ${WORDS[cell.work]}`,
    unit: "msg/s",
    better: "higher",
    stages: 1,
    slices: SLICES,
    async measure(running) {
      if (!fitting.has(running)) await warm(running);
      return once(running);
    },
  };
}
