import { type AnyRinglineError, type ErrorPlace, errors } from "../errors/ringline-error.js";
import { type AnyMessage, type Rarities, raritiesOf } from "../messages/any-message.js";
import type { Inlet, Outcome } from "../seam/port.js";
import type { Reports } from "../seam/routes.js";
import type { Clock } from "../time/clock.js";

const soon = Promise.resolve();

/** An inlet that passes over messages whose time is up, or whose flow wants them no more, and makes them dead letters. */
export class FreshInlet implements Inlet {
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
      const rarities = message && raritiesOf(message);
      if (message === undefined || rarities === undefined) return message;
      const error = this.#refusal(message, rarities);
      if (error === undefined) return message;
      this.#inlet.settle(message, "expired");
      // not at once: listeners must not act in the middle of a delivery
      void soon.then(() => this.#reports.deadLetter(message, error, 0));
    }
  }

  #refusal(message: AnyMessage, { expiresAt, lineage }: Rarities): AnyRinglineError | undefined {
    const origin = lineage?.origin;
    if (origin?.isCancelled) return new errors.CANCELLED({ flow: origin.flow }, this.#place(message));
    if (expiresAt === Number.POSITIVE_INFINITY) return undefined;
    const late = this.#clock.now() - expiresAt;
    return late < 0 ? undefined : new errors.EXPIRED({ late }, this.#place(message));
  }

  #place({ messageId }: AnyMessage): ErrorPlace {
    return { ...this.#where, messageId };
  }

  whenReadable(callback: () => void): void {
    this.#inlet.whenReadable(callback);
  }

  settle(message: AnyMessage, outcome: Outcome): boolean {
    return this.#inlet.settle(message, outcome);
  }
}
