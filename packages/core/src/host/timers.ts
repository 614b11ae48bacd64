import type { Clock } from "../time/clock.js";

/** The body of a timer. Returns outputs, as a `handle` body does. */
export type Fire = () => unknown;

interface Timer {
  readonly fire: Fire;
  /** Stops the clock; does nothing once the timer is due. */
  stop(): void;
}

/** The timers of one incarnation with a `handle` body. Its driver calls those that are due between two messages. */
export class Timers {
  readonly #clock: Clock;
  readonly #wake: () => void;
  /** Set and not called yet, by key. */
  readonly #timers = new Map<unknown, Timer>();
  /** Keys of timers that are due, first come first. */
  readonly #due = new Set<unknown>();

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** Number of timers that are set. */
  get size(): number {
    return this.#timers.size;
  }

  /** Sets a timer in place of the one with this key. Without a key it has one of its own. Returns how to cancel it. */
  set(delay: number, fire: Fire, key: unknown = {}): () => void {
    this.#cancel(key);
    const stop = this.#clock.after(delay, () => {
      this.#due.add(key);
      this.#wake();
    });
    const timer = { fire, stop };
    this.#timers.set(key, timer);
    return () => {
      if (this.#timers.get(key) === timer) this.#cancel(key);
    };
  }

  /** Takes the timer that became due first. */
  next(): Fire | undefined {
    if (this.#due.size === 0) return undefined;
    const [key] = this.#due;
    const fire = this.#timers.get(key)?.fire;
    this.#cancel(key);
    return fire;
  }

  stop(): void {
    for (const key of [...this.#timers.keys()]) this.#cancel(key);
  }

  #cancel(key: unknown): void {
    this.#timers.get(key)?.stop();
    this.#timers.delete(key);
    this.#due.delete(key);
  }
}
