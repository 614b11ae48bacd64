import type { Clock } from "../time/clock.js";
import type { Throughput } from "./telemetry.js";

const STEPS = 20;
/** Most events between two looks at the clock, and how close together they must come for that many. */
const LONGEST_RUN = 64;
const CLOSE = 0.5;

/**
 * The rate of a growing count, overall and over a window that slides in steps of one twentieth. It says itself at which
 * count it wants to look again: at the next one while events are few, after up to 64 while they come fast.
 */
export class RateWindow {
  readonly #clock: Clock;
  readonly #window: number;
  readonly #step: number;
  readonly #started: number;
  readonly #counts = new Float64Array(STEPS);
  #at = 0;
  #stepEnd: number;
  /** The count at the last look. */
  #total = 0;
  #run = 1;
  #read: number;

  /** `window` in milliseconds, more than 0. */
  constructor(window: number, clock: Clock) {
    this.#clock = clock;
    this.#window = window;
    this.#step = window / STEPS;
    this.#started = this.#read = clock.now();
    this.#stepEnd = this.#started + this.#step;
  }

  /** Looks at the clock and the count; returns the count at which to look again. */
  record(total: number): number {
    this.#look(total, 1);
    return total + this.#run;
  }

  /** Events a second: over the window (or since the start, if that is shorter) and overall. */
  throughput(total: number): Throughput {
    const now = this.#look(total, 0);
    const age = now - this.#started;
    if (age <= 0) return { recent: 0, overall: 0 };
    const recent = this.#counts.reduce((sum, count) => sum + count, 0);
    // the window is the full steps before this one and the part of this one that has passed
    const covered = Math.min(age, this.#window - (this.#stepEnd - now));
    return { recent: (recent * 1000) / covered, overall: (this.#total * 1000) / age };
  }

  /** `newest`: events of this very moment; the others since the last look came soon after it. */
  #look(total: number, newest: number): number {
    const now = this.#clock.now();
    this.#counts[this.#at]! += total - this.#total - newest;
    if (now >= this.#stepEnd) this.#advance(now);
    this.#counts[this.#at]! += newest;
    this.#total = total;
    this.#run = now - this.#read < CLOSE ? Math.min(this.#run * 2, LONGEST_RUN) : 1;
    this.#read = now;
    return now;
  }

  #advance(now: number): void {
    const steps = Math.floor((now - this.#stepEnd) / this.#step) + 1;
    for (let i = 1; i <= Math.min(steps, STEPS); i++) this.#counts[(this.#at + i) % STEPS] = 0;
    this.#at = (this.#at + steps) % STEPS;
    this.#stepEnd += steps * this.#step;
  }
}
