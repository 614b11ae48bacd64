import { type ErrorPlace, errors } from "../errors/ringline-error.js";
import { type AnyMessage, type OptionalHeaders, optionalHeadersOf } from "../messages/any-message.js";
import type { UnitSpec } from "../seam/incarnation.js";
import type { Inlet, Outcome } from "../seam/port.js";
import type { Reports } from "../seam/routes.js";
import type { Clock } from "../time/clock.js";

const soon = Promise.resolve();

/** An inlet that skips expired messages and those of cancelled flow inputs, and makes them dead letters. */
export class ExpiryInlet implements Inlet {
  readonly #inlet: Inlet;
  readonly #where: ErrorPlace;
  readonly #reports: Reports;
  readonly #clock: Clock;

  constructor(inlet: Inlet, where: ErrorPlace, reports: Reports, clock: Clock) {
    this.#inlet = inlet;
    this.#where = where;
    this.#reports = reports;
    this.#clock = clock;
  }

  tryTake(): AnyMessage | undefined {
    for (;;) {
      const message = this.#inlet.tryTake();
      const optionalHeaders = message && optionalHeadersOf(message);
      if (message === undefined || optionalHeaders === undefined || this.#isLive(message, optionalHeaders))
        return message;
    }
  }

  #isLive(message: AnyMessage, { expiresAt, lineage }: OptionalHeaders): boolean {
    const isCancelled = lineage?.origin?.isCancelled ?? false;
    if (expiresAt === Number.POSITIVE_INFINITY && !isCancelled) return true;
    const late = this.#clock.now() - expiresAt;
    if (late < 0 && !isCancelled) return true;
    const attempts = this.#inlet.attemptsOf(message);
    this.#inlet.settle(message, "expired");
    const place = { ...this.#where, messageId: message.messageId };
    const error = isCancelled
      ? new errors.CANCELLED({ flow: lineage?.origin?.flow ?? "" }, place)
      : new errors.EXPIRED({ late }, place);
    // not at once: listeners must not act in the middle of a delivery
    void soon.then(() => this.#reports.deadLetter(message, error, attempts));
    return false;
  }

  whenReadable(callback: () => void): void {
    this.#inlet.whenReadable(callback);
  }

  settle(message: AnyMessage, outcome: Outcome, attempts?: number): boolean {
    return this.#inlet.settle(message, outcome, attempts);
  }

  attemptsOf(message: AnyMessage): number {
    return this.#inlet.attemptsOf(message);
  }
}

/** Milliseconds of missed deliveries that may be made up for: timers are coarser than high rates. */
const BURST = 10;

/** A whole token, less rounding errors: on a clock that advances only with its timers, the rest would never come. */
const WHOLE = 1 - 1e-6;

/** Limits an inlet by the rate of its stage; undefined without one. */
export function rateLimited(inlet: Inlet, { assignment, clock, isActive }: UnitSpec): RateLimitedInlet | undefined {
  const rate = assignment?.rate ?? Number.POSITIVE_INFINITY;
  if (rate === Number.POSITIVE_INFINITY) return undefined;
  return new RateLimitedInlet(inlet, rate, clock, isActive ? 0 : 1);
}

/** An inlet that limits deliveries per second with a token bucket. */
export class RateLimitedInlet implements Inlet {
  readonly #inlet: Inlet;
  readonly #clock: Clock;
  /** Tokens per millisecond. */
  readonly #pace: number;
  readonly #most: number;
  #tokens: number;
  #filled: number;
  #cancel: (() => void) | undefined;
  #isClosed = false;

  /**
   * `rate`: messages per second, more than 0. `tokens`: deliveries that need not wait; 0 for an incarnation that
   * follows another, so that the rate holds across restarts and moves.
   */
  constructor(inlet: Inlet, rate: number, clock: Clock, tokens: 0 | 1) {
    this.#inlet = inlet;
    this.#clock = clock;
    this.#pace = rate / 1000;
    this.#most = Math.max(1, this.#pace * BURST);
    this.#tokens = tokens;
    this.#filled = clock.now();
  }

  tryTake(): AnyMessage | undefined {
    this.#fill();
    if (this.#tokens < WHOLE) return undefined;
    const message = this.#inlet.tryTake();
    if (message !== undefined) this.#tokens--;
    return message;
  }

  whenReadable(callback: () => void): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#isClosed) return;
    this.#fill();
    if (this.#tokens >= WHOLE) {
      this.#inlet.whenReadable(callback);
      return;
    }
    this.#cancel = this.#clock.after((1 - this.#tokens) / this.#pace, () => {
      this.#cancel = undefined;
      this.whenReadable(callback);
    });
  }

  settle(message: AnyMessage, outcome: Outcome, attempts?: number): boolean {
    return this.#inlet.settle(message, outcome, attempts);
  }

  attemptsOf(message: AnyMessage): number {
    return this.#inlet.attemptsOf(message);
  }

  /** Cancels the timer; later calls of `whenReadable` have no effect. */
  close(): void {
    this.#cancel?.();
    this.#isClosed = true;
  }

  #fill(): void {
    const now = this.#clock.now();
    this.#tokens = Math.min(this.#most, this.#tokens + (now - this.#filled) * this.#pace);
    this.#filled = now;
  }
}
