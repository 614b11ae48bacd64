import { errors } from "../errors/ringline-error.js";
import { BRAND, thisCopy } from "./copies.js";
import { HEADER_FIELDS, type Header } from "./header.js";
import { isDevelopment } from "./is-development.js";
import type { Lineage } from "./lineage.js";
import { type MessageId, messageIdText } from "./message-id.js";

/** Header fields that few messages have. */
export interface OptionalHeaders {
  /** By the clock of this place; Infinity for never. */
  readonly expiresAt: number;
  readonly lineage: Lineage | undefined;
  /** Trace context, as a W3C `traceparent`. */
  readonly trace?: string | undefined;
}

// Readers of the private fields, for the runtime; they are set where the fields can be seen.
export let idOf: (message: AnyMessage) => MessageId;
export let causeOf: (message: AnyMessage) => MessageId | null;
export let optionalHeadersOf: (message: AnyMessage) => OptionalHeaders | undefined;
/** The priority as it was made: at least 256 where none was named. */
export let rawPriorityOf: (message: AnyMessage) => number;
/** The priority of a message that is delivered is its own from now on, whether one was named or not. */
export let fixPriority: (message: AnyMessage) => void;
/** A copy with another cause: the one that each output of a `run` body needs, so it goes straight to the fields. */
export let withCause: (
  message: AnyMessage,
  cause: MessageId,
  priority: number,
  optionalHeaders: OptionalHeaders | undefined,
) => AnyMessage;
/** True for a message made by a message type, false for a look-alike. */
export let isMessage: (value: unknown) => value is AnyMessage;

export const expiryOf = (message: AnyMessage): number =>
  optionalHeadersOf(message)?.expiresAt ?? Number.POSITIVE_INFINITY;
/** Trace context of a message, as a W3C `traceparent`; undefined if it has none. */
export const traceOf = (message: Header): string | undefined =>
  isMessage(message) ? optionalHeadersOf(message)?.trace : undefined;
export const lineageOf = (message: AnyMessage): Lineage | undefined => optionalHeadersOf(message)?.lineage;

/**
 * In development a message stands on a generator object: `structuredClone` and `postMessage`, which would copy the body alone and
 * lose the header in silence, refuse such objects, as they refuse nothing else that is as cheap. In production, where a message
 * takes half the memory, it is an ordinary object.
 */
function* uncloneable(): Generator<never, void> {}
class Ordinary {}
const Base = (isDevelopment ? uncloneableObject : Ordinary) as unknown as new () => object;
function uncloneableObject(): object {
  return uncloneable();
}

/**
 * A message of any type. The header is read through accessors of the prototype, the body is own fields, so that a body
 * field with a header's name cannot be written. A message never changes; what differs is a copy.
 *
 * One class for all types: with a subclass for each, engines share their code and making a message costs three times
 * as much once a program has several types.
 */
export class AnyMessage extends Base implements Header {
  readonly #type: string;
  readonly #id: MessageId;
  readonly #cause: MessageId | null;
  /** At least 256 where none was named. */
  #priority: number;
  readonly #optionalHeaders: OptionalHeaders | undefined;

  static {
    idOf = (message) => message.#id;
    causeOf = (message) => message.#cause;
    optionalHeadersOf = (message) => message.#optionalHeaders;
    rawPriorityOf = (message) => message.#priority;
    fixPriority = (message) => {
      if (message.#priority > 255) message.#priority &= 255;
    };
    withCause = (message, cause, priority, optionalHeaders) =>
      new AnyMessage(message.#type, message, message.#id, cause, priority, optionalHeaders);
    isMessage = (value): value is AnyMessage => typeof value === "object" && value !== null && #id in value;
  }

  /** Throws `INVALID_MESSAGE` when the body uses a name that it cannot have. */
  constructor(
    type: string,
    /** Left out by those who fill it in themselves, at once, and freeze it. */
    body: object | undefined,
    id: MessageId,
    cause: MessageId | null,
    priority: number,
    optionalHeaders: OptionalHeaders | undefined,
  ) {
    super();
    this.#type = type;
    this.#id = id;
    this.#cause = cause;
    this.#priority = priority;
    this.#optionalHeaders = optionalHeaders;
    if (body === undefined) return;
    const target = this as unknown as Record<string, unknown>;
    const source = body as Record<string, unknown>;
    try {
      for (const key in source) {
        if (key === "__proto__") throw new TypeError(key);
        target[key] = source[key]; // throws for a header's name: it has no setter
      }
    } catch (cause) {
      throw clash(type, source, cause);
    }
    // it costs more than the message; it is shallow, as typed arrays refuse it
    if (isDevelopment) Object.freeze(this);
  }

  get type(): string {
    return this.#type;
  }
  get messageId(): string {
    return messageIdText(this.#id);
  }
  get priority(): number {
    return this.#priority & 255;
  }
  get correlationId(): string | null {
    return this.#cause === null ? null : messageIdText(this.#cause);
  }

  /** Header and body side by side, as they are written. */
  declare readonly toJSON: () => Header;
}

// what the generator makes has the prototype of messages, and nothing of a generator's
uncloneable.prototype = AnyMessage.prototype as never;

function plainForm(this: AnyMessage): Header {
  const { type, messageId, priority, correlationId } = this;
  return Object.assign({ type, messageId, priority, correlationId }, this as object);
}

// not writable, so that no body field can take these names; an object with a `then` would be taken for a promise
Object.defineProperty(AnyMessage.prototype, "toJSON", { value: plainForm });
// biome-ignore lint/suspicious/noThenProperty: it is there so that no message can have one
Object.defineProperty(AnyMessage.prototype, "then", { value: undefined });

// so that Node's console shows the header beside the body
Object.defineProperty(AnyMessage.prototype, Symbol.for("nodejs.util.inspect.custom"), { value: plainForm });

Object.defineProperty(AnyMessage.prototype, BRAND, { get: thisCopy });

/** True for a message that was made by another copy of this package. */
export const isFromAnotherCopy = (value: unknown): value is object =>
  typeof value === "object" && value !== null && BRAND in value && !isMessage(value);

function clash(type: string, body: object, cause: unknown) {
  const names = [...HEADER_FIELDS, "toJSON", "then", "__proto__"].filter((field) => Object.hasOwn(body, field));
  const issues = names.map((field) => ({ message: "is a name that bodies cannot use", path: [field] }));
  return new errors.INVALID_MESSAGE({ type, issues }, { cause });
}
