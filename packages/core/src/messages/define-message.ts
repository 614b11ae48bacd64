import type { StandardSchemaV1 } from "@standard-schema/spec";
import { errors } from "../errors/ringline-error.js";
import { body as bodyOf, checkSchema, isTypeOnly, type TypeOnly, validate } from "./body.js";
import { checkPriority, type Envelope, envelopeOf, newEnvelope, withHeader } from "./envelope.js";
import { DEFAULT_PRIORITY, HEADER_FIELDS, type HeaderOptions, type Message } from "./header.js";
import { messageInHand } from "./in-hand.js";
import { isMessage, MessageBase } from "./message-base.js";
import { isUuid, nextMessageId } from "./message-id.js";
import type { HeaderClash, MessageType } from "./message-type.js";

type Clash<S extends StandardSchemaV1> = HeaderClash<StandardSchemaV1.InferOutput<S>>;
type BodyOk<S extends StandardSchemaV1> = [Clash<S>] extends [never]
  ? S
  : `'${Clash<S>}' is a header field of every message: rename it in the body`;

/** Frozen in development only: `Object.freeze` costs more than the message. It is shallow, as typed arrays refuse it. */
const freeze =
  (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.["NODE_ENV"] !== "production";

/**
 * Defines a message. The body: a type (`body<T>()`), any synchronous Standard Schema, or none.
 * Messages are frozen unless NODE_ENV is "production". Throws `INVALID_ARGUMENT`.
 */
export function defineMessage<
  const Name extends string,
  // biome-ignore lint/suspicious/noExplicitAny: a schema may take anything
  S extends StandardSchemaV1<any, object> = TypeOnly<{}>,
>(
  name: Name,
  body?: BodyOk<S>,
): MessageType<Name, StandardSchemaV1.InferOutput<S>, StandardSchemaV1.InferInput<S>, S> {
  if (typeof name !== "string" || name === "") throw new errors.INVALID_ARGUMENT({ argument: "name", value: name });
  const schema: StandardSchemaV1 = (body as S | undefined) ?? bodyOf();
  checkSchema(schema, name);
  const unchecked = isTypeOnly(schema);
  const Type = classFor(name);
  type Made = Message<Name, StandardSchemaV1.InferOutput<S>>;

  const checked = (fields: object): object => {
    if (unchecked) return fields;
    const result = validate(schema, fields, name);
    if (result.issues) throw new errors.INVALID_MESSAGE({ type: name, issues: result.issues });
    return result.value;
  };
  const make = (fields: object = none, header?: HeaderOptions): MessageBase => {
    const inHand = messageInHand();
    const valid = checked(fields);
    if (header === undefined && inHand === undefined) {
      return new Type(valid, nextMessageId(), null, DEFAULT_PRIORITY, Number.POSITIVE_INFINITY, undefined);
    }
    const envelope = newEnvelope(inHand);
    return withEnvelope(Type, valid, header === undefined ? envelope : withHeader(envelope, header));
  };
  const parse = (value: unknown): MessageBase => {
    if (isMessage(value) && value.type === name) return value;
    const { fields, ...header } = foreign(name, value);
    return withEnvelope(Type, checked(fields), { ...newEnvelope(undefined), ...header });
  };
  const is = (value: unknown): boolean => {
    if (isMessage(value)) return value.type === name;
    if (typeof value !== "object" || value === null || !isUuid((value as Made).messageId)) return false;
    try {
      return parse(value) !== undefined;
    } catch {
      return false;
    }
  };
  const copy = (message: MessageBase, header: HeaderOptions): MessageBase => {
    if (!isMessage(message) || message.type !== name) {
      throw new errors.TYPE_MISMATCH({ wanted: [name], got: String((message as { type?: unknown } | null)?.type) });
    }
    return withEnvelope(Type, message, withHeader(envelopeOf(message), header));
  };
  return Object.assign(make, { type: name, schema, is, parse, with: copy }) as never;
}

const none = Object.freeze({});

type MessageClass = new (
  body: object,
  ...header: ConstructorParameters<typeof MessageBase>
) => MessageBase;

/** One class a message type, so that all its messages have one hidden shape. */
function classFor(name: string): MessageClass {
  class Typed extends MessageBase {
    declare readonly type: string;
    constructor(body: object, ...header: ConstructorParameters<typeof MessageBase>) {
      super(...header);
      assignBody(this, body, name);
      if (freeze) Object.freeze(this);
    }
  }
  Object.defineProperty(Typed, "name", { value: name });
  Object.defineProperty(Typed.prototype, "type", { value: name });
  return Typed;
}

function withEnvelope(Type: MessageClass, body: object, e: Envelope): MessageBase {
  return new Type(body, e.id, e.cause, e.priority, e.expiresAt, e.lineage);
}

/** Copies the fields. A header's name has no setter on the prototype, so that writing one throws by itself. */
function assignBody(message: MessageBase, body: object, type: string): void {
  const target = message as unknown as Record<string, unknown>;
  const source = body as Record<string, unknown>;
  try {
    for (const key in source) {
      if (key === "__proto__") throw new TypeError(key);
      target[key] = source[key];
    }
  } catch {
    const clash = [...HEADER_FIELDS, "__proto__"].filter((field) => Object.hasOwn(source, field));
    const issues = clash.map((field) => ({ message: "is a name that bodies cannot use", path: [field] }));
    throw new errors.INVALID_MESSAGE({ type, issues });
  }
}

/** Splits foreign data into body and header. Header fields may be absent, but not wrong. */
function foreign(type: string, value: unknown): { fields: object } & Partial<Envelope> {
  const fail = (field: keyof Message, message: string) =>
    new errors.INVALID_MESSAGE({ type, issues: [{ message, path: [field] }] });
  if (typeof value !== "object" || value === null) {
    throw new errors.INVALID_MESSAGE({ type, issues: [{ message: "is not an object" }] });
  }
  const { type: got, messageId, priority, correlationId, ...fields } = value as Partial<Message>;
  if (got !== undefined && got !== type) throw fail("type", `is "${got}", not "${type}"`);
  if (messageId !== undefined && !isUuid(messageId)) throw fail("messageId", "is not a UUID");
  if (correlationId !== undefined && correlationId !== null && !isUuid(correlationId)) {
    throw fail("correlationId", "is neither a UUID nor null");
  }
  try {
    return {
      fields,
      ...(messageId !== undefined && { id: messageId }),
      ...(correlationId !== undefined && { cause: correlationId }),
      ...(priority !== undefined && { priority: checkPriority(priority) }),
    };
  } catch {
    throw fail("priority", "is not an integer from 0 to 255");
  }
}

/** A copy of `message` in another envelope, or with another body: how the runtime changes what it must never write. */
export function copyMessage(message: MessageBase, envelope: Envelope, body: object = message): MessageBase {
  return withEnvelope(Object.getPrototypeOf(message).constructor as MessageClass, body, envelope);
}
