import type { Clock } from "../time/clock.js";
import type { Throughput } from "./telemetry.js";

const STEPS = 20;
/** Most events between two looks at the clock, and how close together they must come for that many. */
const LONGEST_RUN = 64;
const CLOSE = 0.5;

/** Cells of a window: its steps, which of them is the latest, when that ends, the count at the last look, and its start. */
const AT = STEPS;
const STEP_END = STEPS + 1;
const TOTAL = STEPS + 2;
const STARTED = STEPS + 3;
export const RATE_CELLS = STEPS + 4;

/**
 * The rate of a growing count, overall and over a window that slides in steps of one twentieth. It says itself at which
 * count it wants to look again: at the next one while events are few, after up to 64 while they come fast.
 */
export class RateWindow {
  readonly #clock: Clock;
  readonly #window: number;
  readonly #step: number;
  readonly #cells: Float64Array;
  #run = 1;
  #read: number;

  /**
   * `window` in milliseconds, more than 0. `cells`: where an earlier one has counted, to go on with what it has; zeros, or
   * left out, to begin. All that use them have to have the same time.
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

  /** Looks at the clock and the count; returns the count at which to look again. */
  record(total: number): number {
    this.#sample(total, 1);
    return total + this.#run;
  }

  /** Events a second: over the window (or since the start, if that is shorter) and overall. */
  throughput(total: number): Throughput {
    const now = this.#sample(total, 0);
    const cells = this.#cells;
    const age = now - cells[STARTED]!;
    if (age <= 0) return { recent: 0, overall: 0 };
    const recent = cells.subarray(0, STEPS).reduce((sum, count) => sum + count, 0);
    // the window is the full steps before this one and the part of this one that has passed
    const covered = Math.min(age, this.#window - (cells[STEP_END]! - now));
    return { recent: (recent * 1000) / covered, overall: (cells[TOTAL]! * 1000) / age };
  }

  /** `newest`: events of this very moment; the others since the last look came soon after it. */
  #sample(total: number, newest: number): number {
    const now = this.#clock.now();
    const cells = this.#cells;
    const more = total - cells[TOTAL]!;
    cells[TOTAL] = total; // first: whoever goes on with these cells counts nothing twice
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
