import { type ErrorPlace, errors } from "../errors/ringline-error.js";
import { type AnyMessage, type OptionalHeaders, optionalHeadersOf } from "../messages/any-message.js";
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
