import type { Clock } from "../time/clock.js";

/** Milliseconds without progress after which a kernel counts as stalled. */
const STALLED_AFTER = 1000;
/** Looks in that time. */
const CHECKS = 4;

/**
 * Notices that outputs wait and none of them gets on. One timer, which runs only while something waits: outputs may wait
 * one by one, a million times a minute.
 */
export class StallWatch {
  readonly #clock: Clock;
  readonly #stalled: () => void;
  #waiting = 0;
  #accepted = 0;
  /** `#accepted` at the last look. */
  #seen = 0;
  #checks = 0;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, stalled: () => void) {
    this.#clock = clock;
    this.#stalled = stalled;
  }

  /** Outputs that wait now. */
  get waiting(): number {
    return this.#waiting;
  }

  /** An output begins to wait. */
  begin(): void {
    this.#waiting++;
    if (this.#cancel === undefined) this.#watch();
  }

  /** Ends a wait, for whatever reason. */
  end(): void {
    this.#waiting--;
    this.#accepted++;
  }

  /** Leaves no timer behind. */
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
      if (++this.#checks === CHECKS) this.#stalled(); // once, until something gets on
      this.#arm();
    }
  };
}
