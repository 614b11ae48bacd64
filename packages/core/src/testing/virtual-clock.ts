import { errors } from "../errors/ringline-error.js";
import type { Clock } from "../time/clock.js";
import { macrotask, turn } from "../time/turn.js";

/** Most turns of the event loop that are given to kernels which never come to rest. */
const MOST_TURNS = 200;

/** A clock that stands still until it is told otherwise: time-outs, backoff and linger without waiting. */
export interface VirtualClock extends Clock {
  /** Timers that are neither over nor cancelled. */
  readonly pending: number;
  /**
   * Lets so many milliseconds pass: what falls due is called back in order, each at its own time, and the kernels come to
   * rest after each. Rejects with `INVALID_ARGUMENT` for what is below 0 or endless.
   */
  advance(by: number): Promise<void>;
  /** Lets time pass as on an event loop that is busy: what falls due is called back with the next `advance`. */
  stall(by: number): void;
  /**
   * Resolves when kernels on this event loop have come to rest without time passing: what is ready has been worked on.
   * It cannot see other threads, nor what a body waits for elsewhere, such as a file. Kernels that never rest get 200
   * turns of the event loop.
   */
  settle(): Promise<void>;
}

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

class ManualTime implements VirtualClock {
  /** In the order in which they were set. */
  readonly #timers = new Set<Timer>();
  #now: number;
  #advanced: Promise<void> = Promise.resolve();

  constructor(start: number) {
    this.#now = start;
  }

  readonly now = (): number => this.#now;

  readonly after = (delay: number, callback: () => void): (() => void) => {
    const timer = { at: this.#now + Math.max(0, delay), callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };

  get pending(): number {
    return this.#timers.size;
  }

  stall(by: number): void {
    this.#now += checked(by);
  }

  async advance(by: number): Promise<void> {
    checked(by);
    this.#advanced = this.#advanced.then(() => this.#advance(by)); // one after the other
    return this.#advanced;
  }

  async #advance(by: number): Promise<void> {
    const until = this.#now + by;
    await this.settle();
    for (let due = this.#takeDue(until); due !== undefined; due = this.#takeDue(until)) {
      this.#now = Math.max(this.#now, due.at);
      due.callback();
      await this.settle();
    }
    this.#now = until;
  }

  #takeDue(until: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.at <= until && (first === undefined || timer.at < first.at)) first = timer;
    }
    if (first !== undefined) this.#timers.delete(first);
    return first;
  }

  async settle(): Promise<void> {
    for (let turns = 0; turns < MOST_TURNS; turns += 2) {
      const before = turn.taken;
      await new Promise<void>(macrotask);
      await new Promise<void>(macrotask);
      if (turn.taken === before) return;
    }
  }
}

function checked(by: number): number {
  if (by >= 0 && by < Number.POSITIVE_INFINITY) return by;
  const remedy = "Pass a number of milliseconds, 0 or more.";
  throw new errors.INVALID_ARGUMENT({ argument: "by", value: by }, { remedy });
}

/** A clock for `createRuntime({ clock })`. `start`: the time that it shows first, in milliseconds; default 0. */
export function virtualClock(start = 0): VirtualClock {
  return new ManualTime(start);
}
