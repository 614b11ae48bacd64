import type { Clock } from "../time/clock.js";
import { LazyController } from "../time/lazy-controller.js";
import { ABORTED, onAbort, onAbortInTurn } from "../time/on-abort.js";
import type { TerminateOptions } from "./channel.js";

/** Default time that a kernel has to end by itself, in milliseconds. */
export const TERMINATE_TIMEOUT = 5000;

/** Milliseconds after the grace period in which a place can still report the end of a kernel. */
export const REPORT_GRACE = 900;

/**
 * The two deadlines of a termination. `grace` aborts when the time to end by itself is over; `late` aborts a little
 * later: from then on nothing is awaited any more.
 */
export interface TerminationDeadlines {
  readonly grace: AbortSignal;
  readonly late: AbortSignal;
}

/**
 * The single termination of a kernel, a flow or a runtime: all callers wait for the same one, and each may cut its
 * grace period short.
 */
export class Termination {
  readonly #clock: Clock;
  readonly #grace = new LazyController();
  readonly #late = new LazyController();
  #ended: Promise<void> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Undefined until the end begins; resolves with the end. */
  get ended(): Promise<void> | undefined {
    return this.#ended;
  }

  /** Runs the termination, unless it runs already; a nested call waits for the same one. */
  begin(end: (deadlines: TerminationDeadlines) => Promise<void>): Promise<void> {
    if (this.#ended !== undefined) return this.#ended;
    let settle!: (end: Promise<void>) => void;
    this.#ended = new Promise((resolve) => {
      settle = resolve;
    });
    settle(this.#run(end));
    return this.#ended;
  }

  async #run(end: (deadlines: TerminationDeadlines) => Promise<void>): Promise<void> {
    let cancel = () => {};
    const forget = onAbort(this.#grace.signal, () => {
      cancel = this.#clock.after(REPORT_GRACE, () => this.#late.abort(() => ABORTED));
    });
    try {
      await end({ grace: this.#grace.signal, late: this.#late.signal });
    } finally {
      forget();
      cancel();
    }
  }

  /** Begins the termination with a grace period. The options are checked by the caller. */
  async beginWithin(
    { timeout, signal }: TerminateOptions,
    end: (deadlines: TerminationDeadlines) => Promise<void>,
  ): Promise<void> {
    const cutShort = () => this.#grace.abort(() => ABORTED);
    const limit = timeout ?? TERMINATE_TIMEOUT;
    const ended = this.begin(end);
    const cancel = limit === Number.POSITIVE_INFINITY ? undefined : this.#clock.after(limit, cutShort);
    const forget = signal && onAbortInTurn(signal, cutShort);
    try {
      await ended;
    } finally {
      cancel?.();
      forget?.();
    }
  }
}
