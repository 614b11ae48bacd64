import type { Clock } from "../time/clock.js";
import type { Throughput } from "./telemetry.js";

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
