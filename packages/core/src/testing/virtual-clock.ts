import { errors } from "../errors/ringline-error.js";
import type { Clock } from "../time/clock.js";
import { macrotask, turn } from "../time/turn.js";

/** Maximum turns of the event loop for kernels that never settle. */
const MOST_TURNS = 200;

/** A clock that stands still until a test advances it: time-outs, backoff and linger without waiting. */
export interface VirtualClock extends Clock {
  /** Timers that are neither fired nor cancelled. */
  readonly pending: number;
  /**
   * Advances time by so many milliseconds: fires due timers in order, each at its own time, and lets the kernels
   * settle after each. Rejects with `INVALID_ARGUMENT` for a number that is negative or infinite.
   */
  advance(by: number): Promise<void>;
  /** Advances time as on a busy event loop: what falls due fires with the next `advance`. */
  stall(by: number): void;
  /**
   * Resolves when kernels on this event loop have settled without time passing: all ready messages are processed. It
   * cannot see other threads, nor what a body waits for elsewhere, such as a file. Kernels that never settle get 200
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
  readonly wallTime = (): number => this.#now;

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
      const before = turn.turnsTaken;
      await new Promise<void>(macrotask);
      await new Promise<void>(macrotask);
      if (turn.turnsTaken === before) return;
    }
  }
}

function checked(by: number): number {
  if (by >= 0 && by < Number.POSITIVE_INFINITY) return by;
  const remedy = "Pass a number of milliseconds, 0 or more.";
  throw new errors.INVALID_ARGUMENT({ argument: "by", value: by }, { remedy });
}

/**
 * Makes a clock for `createRuntime({ clock })`. `start`: its initial time in milliseconds, which is also its time of
 * day, in milliseconds since the epoch; default 0.
 */
export function virtualClock(start = 0): VirtualClock {
  return new ManualTime(start);
}
