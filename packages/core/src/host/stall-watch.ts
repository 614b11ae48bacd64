import type { Clock } from "../time/clock.js";

/** Milliseconds without progress after which a kernel counts as stalled. */
const STALLED_AFTER = 1000;
/** Number of checks in that time. */
const CHECKS = 4;

/**
 * Detects that outputs wait and none is accepted. One timer, which runs only while something waits: outputs may wait
 * one by one, a million times a minute.
 */
export class StallWatch {
  readonly #clock: Clock;
  readonly #stalled: () => void;
  #waiting = 0;
  #accepted = 0;
  /** `#accepted` when `#checks` was last reset. */
  #seen = 0;
  #checks = 0;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, stalled: () => void) {
    this.#clock = clock;
    this.#stalled = stalled;
  }

  /** Number of waiting outputs. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Begins the wait of an output. */
  begin(): void {
    this.#waiting++;
    if (this.#cancel === undefined) this.#watch();
  }

  /** Ends a wait, for whatever reason. */
  end(): void {
    this.#waiting--;
    this.#accepted++;
  }

  /** Cancels the timer. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #watch(): void {
    this.#seen = this.#accepted;
    this.#checks = 0;
    this.#arm();
  }

  #arm(): void {
    this.#cancel = this.#clock.after(STALLED_AFTER / CHECKS, this.#check);
  }

  readonly #check = (): void => {
    this.#cancel = undefined;
    if (this.#waiting === 0) return;
    if (this.#seen !== this.#accepted) {
      this.#watch();
    } else {
      if (++this.#checks === CHECKS) this.#stalled(); // once, until an output is accepted
      this.#arm();
    }
  };
}
