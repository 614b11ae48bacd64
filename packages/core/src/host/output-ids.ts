import { type AnyMessage, causeOf, idOf } from "../messages/any-message.js";
import { DerivedId } from "../messages/derived-id.js";
import { copyMessage, envelopeOf } from "../messages/envelope.js";
import { type MessageId, messageIdText } from "../messages/message-id.js";

/** Gives the outputs of a kernel that retries ids which do not change from one try to the next. */
export class OutputIds {
  readonly #kernelId: string;
  /** Number of outputs that each message in flight has caused. */
  readonly #counts = new Map<MessageId, number>();
  #delivery = -1;

  constructor(kernelId: string) {
    this.#kernelId = kernelId;
  }

  /** Counts from 0 again: what is in hand is tried once more. */
  restart(): void {
    this.#counts.clear();
  }

  /**
   * The message as it leaves. It keeps the id that it has where that came from elsewhere, and where its cause is not in
   * hand. `delivery`: which one brought what is in hand.
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
