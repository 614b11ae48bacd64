import type { Clock } from "../time/clock.js";
import type { Latency, Throughput } from "./telemetry.js";

/** Buckets in each power of two: the error of a percentile is at most 1/32 of its value. */
const SUB_BUCKETS = 16;
const EXPONENTS = 40;
/** Resolution in milliseconds: one tenth of a microsecond. */
const UNIT = 1e-4;

/** Cells of a histogram: its buckets, the number of values, and the highest one. */
const COUNT = EXPONENTS * SUB_BUCKETS;
const MAX = COUNT + 1;
export const HISTOGRAM_CELLS = COUNT + 2;

/**
 * Latencies in logarithmic buckets, each power of two cut into equal parts, as HdrHistogram does (Gil Tene,
 * http://hdrhistogram.org). Memory is the same however many values there are.
 */
export class Histogram {
  /** Allocated with the first value, as most kernels of a large program are idle. */
  #cells: Float64Array | undefined;
  readonly #make: () => Float64Array;

  /** `cells`: cells of an earlier histogram, to continue it. `make`: returns zeroed cells for the first value. */
  constructor(cells?: Float64Array, make: () => Float64Array = () => new Float64Array(HISTOGRAM_CELLS)) {
    this.#cells = cells;
    this.#make = make;
  }

  /** Records a value in milliseconds, 0 or more. */
  record(value: number): void {
    this.#cells ??= this.#make();
    const cells = this.#cells;
    cells[bucketOf(Math.max(0, value) / UNIT)]!++;
    cells[COUNT]!++;
    if (value > cells[MAX]!) cells[MAX] = value;
  }

  /** Percentiles of the recorded values, in milliseconds; zeros if there are none. */
  latency(): Latency {
    const max = this.#cells?.[MAX] ?? 0;
    return {
      ...{ p50: this.#percentile(0.5), p90: this.#percentile(0.9), p99: this.#percentile(0.99), max },
      octaves: this.#octaves(),
    };
  }

  /** Numbers of values by power of two. */
  #octaves(): number[] {
    const octaves: number[] = [];
    const cells = this.#cells;
    let left = cells?.[COUNT] ?? 0;
    for (let bucket = 0; cells !== undefined && left > 0 && bucket < COUNT; bucket += SUB_BUCKETS) {
      let values = 0;
      for (let i = bucket; i < bucket + SUB_BUCKETS; i++) values += cells[i]!;
      octaves.push(values);
      left -= values;
    }
    return octaves;
  }

  /** Buckets with values, each followed by its count, and the highest value at the end: to be added elsewhere. */
  toList(): number[] {
    const cells = this.#cells;
    if (cells === undefined) return [];
    const list: number[] = [];
    for (let bucket = 0; bucket < COUNT; bucket++) if (cells[bucket] !== 0) list.push(bucket, cells[bucket]!);
    return [...list, cells[MAX]!];
  }

  /** Adds the values of another histogram, from its `toList`. Invalid buckets are ignored. */
  add(list: readonly number[]): void {
    if (list.length === 0) return;
    this.#cells ??= this.#make();
    const cells = this.#cells;
    for (let i = 0; i + 1 < list.length; i += 2) {
      const [bucket, count] = [list[i]!, list[i + 1]!];
      if (!(bucket < COUNT && cells[bucket] !== undefined && count > 0)) continue;
      cells[bucket]! += count;
      cells[COUNT]! += count;
    }
    cells[MAX] = Math.max(cells[MAX]!, list.at(-1)!);
  }

  #percentile(share: number): number {
    const cells = this.#cells;
    if (cells === undefined) return 0;
    let left = Math.ceil(cells[COUNT]! * share);
    if (left === 0) return 0;
    for (let bucket = 0; bucket < COUNT; bucket++) {
      left -= cells[bucket]!;
      if (left <= 0) return Math.min(middleOf(bucket) * UNIT, cells[MAX]!);
    }
    return cells[MAX]!;
  }
}

function bucketOf(units: number): number {
  if (units < SUB_BUCKETS) return Math.floor(units);
  const exponent = Math.floor(Math.log2(units)) - Math.log2(SUB_BUCKETS);
  const part = Math.floor(units / 2 ** exponent) - SUB_BUCKETS;
  return Math.min((exponent + 1) * SUB_BUCKETS + part, EXPONENTS * SUB_BUCKETS - 1);
}

function middleOf(bucket: number): number {
  if (bucket < SUB_BUCKETS) return bucket + 0.5;
  const exponent = Math.floor(bucket / SUB_BUCKETS) - 1;
  return (SUB_BUCKETS + (bucket % SUB_BUCKETS) + 0.5) * 2 ** exponent;
}

const STEPS = 20;
/**
 * Longest run of events between two clock reads, and the milliseconds within which reads must follow each other for
 * runs to grow.
 */
const LONGEST_RUN = 64;
const CLOSE = 0.5;

/**
 * Cells of a window: its steps, index of the latest step, end of that step, count at the last clock read, start time.
 */
const AT = STEPS;
const STEP_END = STEPS + 1;
const TOTAL = STEPS + 2;
const STARTED = STEPS + 3;
export const RATE_CELLS = STEPS + 4;

/**
 * Rate of a growing count, overall and over a window that slides in steps of one twentieth. `record` returns the count
 * at which it must be called again: the next one while events are rare, up to 64 later while they are frequent.
 */
export class RateWindow {
  readonly #clock: Clock;
  readonly #window: number;
  readonly #step: number;
  readonly #cells: Float64Array;
  #run = 1;
  #read: number;

  /**
   * `window`: milliseconds, more than 0. `cells`: cells of an earlier window, to continue it; zeros, or undefined, for
   * a new one. All users of the same cells must use the same clock.
   */
  constructor(window: number, clock: Clock, cells: Float64Array = new Float64Array(RATE_CELLS)) {
    this.#clock = clock;
    this.#window = window;
    this.#step = window / STEPS;
    this.#cells = cells;
    this.#read = clock.now();
    if (cells[STEP_END] !== 0) return;
    cells[STARTED] = this.#read;
    cells[STEP_END] = this.#read + this.#step;
  }

  /** Reads the clock and the count; returns the count at which to call again. */
  record(total: number): number {
    this.#sample(total, 1);
    return total + this.#run;
  }

  /** Events per second: over the window (or since the start, if that is shorter) and overall. */
  throughput(total: number): Throughput {
    const now = this.#sample(total, 0);
    const cells = this.#cells;
    const age = now - cells[STARTED]!;
    if (age <= 0) return { recent: 0, overall: 0 };
    const recent = cells.subarray(0, STEPS).reduce((sum, count) => sum + count, 0);
    // the window consists of the full steps before this one and the elapsed part of this one
    const covered = Math.min(age, this.#window - (cells[STEP_END]! - now));
    return { recent: (recent * 1000) / covered, overall: (cells[TOTAL]! * 1000) / age };
  }

  /** `newest`: number of events at this moment; the others occurred soon after the last clock read. */
  #sample(total: number, newest: number): number {
    const now = this.#clock.now();
    const cells = this.#cells;
    const more = total - cells[TOTAL]!;
    cells[TOTAL] = total; // first, so that a successor on these cells counts nothing twice
    cells[cells[AT]!]! += more - newest;
    if (now >= cells[STEP_END]!) this.#advance(now);
    cells[cells[AT]!]! += newest;
    this.#run = now - this.#read < CLOSE ? Math.min(this.#run * 2, LONGEST_RUN) : 1;
    this.#read = now;
    return now;
  }

  #advance(now: number): void {
    const cells = this.#cells;
    const steps = Math.floor((now - cells[STEP_END]!) / this.#step) + 1;
    for (let i = 1; i <= Math.min(steps, STEPS); i++) cells[(cells[AT]! + i) % STEPS] = 0;
    cells[AT] = (cells[AT]! + steps) % STEPS;
    cells[STEP_END] = cells[STEP_END]! + steps * this.#step;
  }
}
