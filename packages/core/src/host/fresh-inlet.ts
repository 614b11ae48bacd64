import { errors } from "../errors/ringline-error.js";
import { type AnyMessage, expiryOf, raritiesOf } from "../messages/any-message.js";
import type { Inlet, Outcome } from "../seam/port.js";
import type { Reports } from "../seam/routes.js";
import type { Clock } from "../time/clock.js";

const soon = Promise.resolve();

/** An inlet that passes over messages whose time is up and makes them dead letters. */
export class FreshInlet implements Inlet {
  readonly #inlet: Inlet;
  readonly #kernelId: string;
  readonly #reports: Reports;
  readonly #clock: Clock;

  constructor(inlet: Inlet, kernelId: string, reports: Reports, clock: Clock) {
    this.#inlet = inlet;
    this.#kernelId = kernelId;
    this.#reports = reports;
    this.#clock = clock;
  }

  tryTake(): AnyMessage | undefined {
    for (;;) {
      const message = this.#inlet.tryTake();
      if (message === undefined || raritiesOf(message) === undefined || this.#isFresh(message)) return message;
    }
  }

  #isFresh(message: AnyMessage): boolean {
    const expiry = expiryOf(message);
    if (expiry === Number.POSITIVE_INFINITY) return true;
    const late = this.#clock.now() - expiry;
    if (late < 0) return true;
    const attempts = this.#inlet.attemptsOf(message);
    this.#inlet.settle(message, "expired");
    const place = { kernelId: this.#kernelId, messageId: message.messageId };
    const error = new errors.EXPIRED({ late }, place);
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
