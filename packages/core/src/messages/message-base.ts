import type { Header } from "./header.js";
import type { Lineage } from "./lineage.js";
import { type MessageId, messageIdText } from "./message-id.js";

// Readers of the private fields, for the runtime; they are set where the fields can be seen.
export let idOf: (message: MessageBase) => MessageId;
export let causeOf: (message: MessageBase) => MessageId | null;
export let expiryOf: (message: MessageBase) => number;
export let lineageOf: (message: MessageBase) => Lineage | undefined;
/** True for a message made by a message type, false for a look-alike. */
export let isMessage: (value: unknown) => value is MessageBase;

/**
 * What all messages have in common. The header is read through accessors of the prototype, the body is own fields, so
 * that a body field with a header's name cannot be written. A message never changes; what differs is a copy.
 */
export abstract class MessageBase implements Header {
  abstract readonly type: string;
  readonly #id: MessageId;
  readonly #cause: MessageId | null;
  readonly #priority: number;
  readonly #expiresAt: number;
  readonly #lineage: Lineage | undefined;

  static {
    idOf = (message) => message.#id;
    causeOf = (message) => message.#cause;
    expiryOf = (message) => message.#expiresAt;
    lineageOf = (message) => message.#lineage;
    isMessage = (value): value is MessageBase => typeof value === "object" && value !== null && #id in value;
  }

  constructor(
    id: MessageId,
    cause: MessageId | null,
    priority: number,
    expiresAt: number,
    lineage: Lineage | undefined,
  ) {
    this.#id = id;
    this.#cause = cause;
    this.#priority = priority;
    this.#expiresAt = expiresAt;
    this.#lineage = lineage;
  }

  get messageId(): string {
    return messageIdText(this.#id);
  }
  get priority(): number {
    return this.#priority;
  }
  get correlationId(): string | null {
    return this.#cause === null ? null : messageIdText(this.#cause);
  }

  toJSON(): Header {
    const { type, messageId, priority, correlationId } = this;
    return Object.assign({ type, messageId, priority, correlationId }, this as object);
  }
}

// so that Node's console shows the header beside the body
Object.defineProperty(MessageBase.prototype, Symbol.for("nodejs.util.inspect.custom"), {
  value(this: MessageBase) {
    return this.toJSON();
  },
});
