import type { Clock } from "../time/clock.js";
import type { Throughput } from "./telemetry.js";

const STEPS = 20;
/** Most events between two looks at the clock, and how close together they must come for that many. */
const LONGEST_RUN = 64;
const CLOSE = 0.5;

/**
 * Counts events over all time and over a window that slides in steps of one twentieth. The clock is read for each
 * event while they are few, and for up to 64 at a time while they come fast.
 */
export class RateWindow {
  readonly #clock: Clock;
  readonly #window: number;
  readonly #step: number;
  readonly #started: number;
  readonly #counts = new Float64Array(STEPS);
  #at = 0;
  #stepEnd: number;
  #total = 0;
  /** Counted since the clock was read. */
  #pending = 0;
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

  count(): void {
    if (++this.#pending >= this.#run) this.#record();
  }

  /** Events a second: over the window (or since the start, if that is shorter) and overall. */
  throughput(): Throughput {
    const now = this.#record();
    const age = now - this.#started;
    if (age <= 0) return { recent: 0, overall: 0 };
    const recent = this.#counts.reduce((sum, count) => sum + count, 0);
    // the window is the full steps before this one and the part of this one that has passed
    const covered = Math.min(age, this.#window - (this.#stepEnd - now));
    return { recent: (recent * 1000) / covered, overall: (this.#total * 1000) / age };
  }

  #record(): number {
    const now = this.#clock.now();
    if (now >= this.#stepEnd) this.#advance(now);
    this.#counts[this.#at]! += this.#pending;
    this.#total += this.#pending;
    this.#pending = 0;
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
