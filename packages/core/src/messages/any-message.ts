import { errors } from "../errors/ringline-error.js";
import { BRAND, isDevelopment, thisCopy } from "./environment.js";
import { HEADER_FIELDS, type Header } from "./header.js";
import type { Lineage } from "./lineage.js";
import { type MessageId, messageIdText } from "./message-id.js";

/** Header fields that few messages have. */
export interface OptionalHeaders {
  /** Deadline by the clock of this place; Infinity for never. */
  readonly expiresAt: number;
  readonly lineage: Lineage | undefined;
  /** Trace context, as a W3C `traceparent`. */
  readonly trace?: string | undefined;
}

// accessors of private fields for the runtime, assigned in the static block of the class
export let idOf: (message: AnyMessage) => MessageId;
export let causeOf: (message: AnyMessage) => MessageId | null;
export let optionalHeadersOf: (message: AnyMessage) => OptionalHeaders | undefined;
/** Priority as given at creation: at least 256 (see `INHERITED_PRIORITY`) if it was not explicit. */
export let rawPriorityOf: (message: AnyMessage) => number;
/** Makes the priority explicit at delivery, so that later causes no longer change it. */
export let fixPriority: (message: AnyMessage) => void;
/** Copies a message with another cause. Each output of a `run` body needs this, so it writes the fields directly. */
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
 * In development a message is based on a generator object, because `structuredClone` and `postMessage`, which would
 * copy the body alone and silently lose the header, reject such objects; no other object that they reject is as cheap.
 * In production a message is an ordinary object, which takes half the memory.
 */
function* uncloneable(): Generator<never, void> {}
class Ordinary {}
const Base = (isDevelopment ? uncloneableObject : Ordinary) as unknown as new () => object;
function uncloneableObject(): object {
  return uncloneable();
}

/**
 * A message of any type. An interface, as a class with private fields is another type in each module format.
 */
export interface AnyMessage extends Header {
  /** Header and body fields in one plain object. */
  readonly toJSON: () => Header;
  /** For the compiler only: nothing but a made message is one. */
  readonly "~made": true;
}

/**
 * The class of all messages. The header is read through accessors of the prototype and the body is own fields, so that a
 * body field cannot have a header's name. Messages are immutable; a change makes a copy.
 *
 * All types share one class: with a subclass for each type, making a message costs three times as much once a program
 * has several types, because engines share the code of the subclasses.
 */
class MadeMessage extends Base implements Header {
  readonly #type: string;
  readonly #id: MessageId;
  readonly #cause: MessageId | null;
  /** At least 256 if no priority was given. */
  #priority: number;
  readonly #optionalHeaders: OptionalHeaders | undefined;

  static {
    idOf = (message: unknown) => (message as MadeMessage).#id;
    causeOf = (message: unknown) => (message as MadeMessage).#cause;
    optionalHeadersOf = (message: unknown) => (message as MadeMessage).#optionalHeaders;
    rawPriorityOf = (message: unknown) => (message as MadeMessage).#priority;
    fixPriority = (given: unknown) => {
      const message = given as MadeMessage;
      if (message.#priority > 255) message.#priority &= 255;
    };
    withCause = (given: unknown, cause, priority, optionalHeaders) => {
      const message = given as MadeMessage;
      return new AnyMessage(message.#type, message, message.#id, cause, priority, optionalHeaders);
    };
    isMessage = (value): value is AnyMessage => typeof value === "object" && value !== null && #id in value;
  }

  constructor(
    type: string,
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
        target[key] = source[key]; // throws for a header's name, which has no setter
      }
    } catch (cause) {
      throw clash(type, source, cause);
    }
    // freezing costs more than making the message; shallow, as typed arrays cannot be frozen
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

  /** Header and body fields in one plain object. */
  declare readonly toJSON: () => Header;
}

export const AnyMessage = MadeMessage as unknown as {
  /**
   * Throws `INVALID_MESSAGE` when the body uses a name that it cannot have. Without a body the caller assigns its fields
   * itself, immediately, and freezes the message.
   */
  new (
    type: string,
    body: object | undefined,
    id: MessageId,
    cause: MessageId | null,
    priority: number,
    optionalHeaders: OptionalHeaders | undefined,
  ): AnyMessage;
  readonly prototype: AnyMessage;
};

// objects that the generator makes have the prototype of messages, and no methods of generators
uncloneable.prototype = AnyMessage.prototype as never;

function plainForm(this: AnyMessage): Header {
  const { type, messageId, priority, correlationId } = this;
  return Object.assign({ type, messageId, priority, correlationId }, this as object);
}

// not writable, so that body fields cannot have these names; an object with a `then` would be taken for a promise
Object.defineProperty(AnyMessage.prototype, "toJSON", { value: plainForm });
// biome-ignore lint/suspicious/noThenProperty: it is there so that no message can have one
Object.defineProperty(AnyMessage.prototype, "then", { value: undefined });

// Node's console shows the header beside the body
Object.defineProperty(AnyMessage.prototype, Symbol.for("nodejs.util.inspect.custom"), { value: plainForm });

Object.defineProperty(AnyMessage.prototype, BRAND, { get: thisCopy });

/** True for a message that was made by another copy of this package. */
export const isFromAnotherCopy = (value: unknown): value is object =>
  typeof value === "object" && value !== null && BRAND in value && !isMessage(value);

function clash(type: string, body: object, cause: unknown) {
  const names = [...HEADER_FIELDS, "toJSON", "then", "__proto__"].filter((field) => Object.hasOwn(body, field));
  const issues =
    names.length === 0
      ? [{ message: "cannot be read" }]
      : names.map((field) => ({ message: "is a name that bodies cannot use", path: [field] }));
  return new errors.INVALID_MESSAGE({ type, issues }, { cause });
}

/** Header of a message with ids not yet converted to text, and its hidden fields. */
export interface Envelope {
  readonly id: MessageId;
  readonly cause: MessageId | null;
  readonly priority: number;
  /** Deadline by the clock of this place; Infinity for never. */
  readonly expiresAt: number;
  readonly lineage: Lineage | undefined;
  /** Trace context, as a W3C `traceparent`. */
  readonly trace?: string | undefined;
}

export function envelopeOf(message: AnyMessage): Envelope {
  return {
    id: idOf(message),
    cause: causeOf(message),
    priority: message.priority,
    expiresAt: expiryOf(message),
    lineage: lineageOf(message),
    trace: traceOf(message),
  };
}

/** Creates a message with this envelope. Throws `INVALID_MESSAGE` for a body with a header's name. */
export function inEnvelope(type: string, body: object, envelope: Envelope): AnyMessage {
  const { id, cause, priority, expiresAt, lineage, trace } = envelope;
  const isPlain = lineage === undefined && expiresAt === Number.POSITIVE_INFINITY && trace === undefined;
  return new AnyMessage(type, body, id, cause, priority, isPlain ? undefined : { expiresAt, lineage, trace });
}

/** Copies `message` with another envelope or body; the runtime never writes to a message. */
export function copyMessage(message: AnyMessage, envelope: Envelope, body: object = message): AnyMessage {
  return inEnvelope(message.type, body, envelope);
}
