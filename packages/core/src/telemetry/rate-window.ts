import type { Throughput } from "./telemetry.js";

const BUCKETS = 20;

/** Counts events over all time and over a window that slides in steps of one twentieth. */
export class RateWindow {
  readonly #window: number;
  readonly #step: number;
  readonly #started: number;
  readonly #counts = new Float64Array(BUCKETS);
  /** The step that is being counted; its count is written when the step ends. */
  #at: number;
  #stepEnd: number;
  #inStep = 0;
  #total = 0;

  /** `window` in milliseconds, more than 0. */
  constructor(window: number, now: number) {
    this.#window = window;
    this.#step = window / BUCKETS;
    this.#started = now;
    this.#at = 0;
    this.#stepEnd = now + this.#step;
  }

  /** One event at about `now`; a clock that is read now and then will do. */
  count(now: number): void {
    if (now >= this.#stepEnd) this.#advance(now);
    this.#inStep++;
    this.#total++;
  }

  /** Events a second: over the window (or since the start, if that is shorter) and overall. */
  throughput(now: number): Throughput {
    if (now >= this.#stepEnd) this.#advance(now);
    const age = now - this.#started;
    if (age <= 0) return { recent: 0, overall: 0 };
    const recent = this.#counts.reduce((sum, count) => sum + count, this.#inStep);
    // the window is the full steps before this one and the part of this one that has passed
    const covered = Math.min(age, this.#window - this.#step + (now - (this.#stepEnd - this.#step)));
    return { recent: (recent * 1000) / covered, overall: (this.#total * 1000) / age };
  }

  #advance(now: number): void {
    const steps = Math.floor((now - this.#stepEnd) / this.#step) + 1;
    this.#counts[this.#at] = this.#inStep;
    for (let i = 1; i <= Math.min(steps, BUCKETS); i++) this.#counts[(this.#at + i) % BUCKETS] = 0;
    this.#at = (this.#at + steps) % BUCKETS;
    this.#inStep = 0;
    this.#stepEnd += steps * this.#step;
  }
}
