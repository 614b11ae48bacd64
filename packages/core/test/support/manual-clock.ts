import type { Clock } from "../../src/time/clock.js";

/** A clock that stands still until it is told otherwise. */
export class ManualClock implements Clock {
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  #now: number;

  constructor(start = 1000) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  after(delay: number, callback: () => void): () => void {
    const timer = { at: this.#now + delay, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Timers that are neither over nor cancelled. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets time pass as when the loop is busy: timers fall due and are not called yet. */
  stall(by: number): void {
    this.#now += by;
  }

  /** Lets time pass, and calls back what falls due, in order. */
  advance(by: number): void {
    const until = this.#now + by;
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.at);
      this.#timers.delete(next);
      next.callback();
    }
    this.#now = until;
  }
}
