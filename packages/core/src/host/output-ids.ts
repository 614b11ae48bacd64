import { type AnyMessage, causeOf, copyMessage, envelopeOf, idOf } from "../messages/any-message.js";
import { DerivedId, type MessageId, messageIdText } from "../messages/message-id.js";

/** Derives output ids for a kernel that retries, the same at each attempt. */
export class OutputIds {
  readonly #kernelId: string;
  /** Number of outputs that each message in flight has caused. */
  readonly #counts = new Map<MessageId, number>();
  #delivery = -1;

  constructor(kernelId: string) {
    this.#kernelId = kernelId;
  }

  /** Resets the counts, before another attempt at the messages in flight. */
  restart(): void {
    this.#counts.clear();
  }

  /**
   * Returns the message with its derived id. A message that has an id from elsewhere, or whose cause is not in flight,
   * keeps its id. `delivery`: number of the delivery of the messages in flight.
   */
  named(message: AnyMessage, held: readonly AnyMessage[], delivery: number): AnyMessage {
    if (delivery !== this.#delivery) this.restart();
    this.#delivery = delivery;
    const cause = causeOf(message);
    if (cause === null || typeof idOf(message) !== "number" || held.includes(message)) return message;
    if (!held.some((one) => idOf(one) === cause)) return message;
    const index = this.#counts.get(cause) ?? 0;
    this.#counts.set(cause, index + 1);
    const id = new DerivedId(() => messageIdText(cause), this.#kernelId, index);
    return copyMessage(message, { ...envelopeOf(message), id });
  }
}
