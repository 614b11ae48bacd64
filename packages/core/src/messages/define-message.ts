import type { StandardSchemaV1 } from "@standard-schema/spec";
import { errors } from "../errors/ringline-error.js";
import { type AnyMessage, type Envelope, inEnvelope, isMessage } from "./any-message.js";
import { body as bodyOf, checkSchema, isTypeOnly, type TypeOnly, validate, type WithBody } from "./body.js";
import { checkPriority, createMessage, withHeader } from "./create-message.js";
import { type HeaderOptions, INHERITED_PRIORITY, type Message } from "./header.js";
import { asUuid, nextMessageId } from "./message-id.js";
import type { MessageType } from "./message-type.js";

/**
 * Defines a message type. The body: a type (`body<T>()`), any synchronous Standard Schema, or none. Messages are
 * frozen unless NODE_ENV is "production". Throws `INVALID_ARGUMENT`.
 *
 * @example
 * const Num = defineMessage("Num", body<{ n: number }>());
 * const three = Num({ n: 3 }, { priority: 200 });
 */
export function defineMessage<
  const Name extends string,
  // biome-ignore lint/suspicious/noExplicitAny: a schema may take anything
  S extends StandardSchemaV1<any, object> = TypeOnly<{}>,
>(
  name: Name,
  body?: WithBody<StandardSchemaV1.InferOutput<S>, S>,
): MessageType<Name, StandardSchemaV1.InferOutput<S>, StandardSchemaV1.InferInput<S>, S> {
  if (typeof name !== "string" || name === "") throw new errors.INVALID_ARGUMENT({ argument: "name", value: name });
  const schema: StandardSchemaV1 = (body as S | undefined) ?? bodyOf();
  checkSchema(schema, name);
  const unchecked = isTypeOnly(schema);
  type Made = Message<Name, StandardSchemaV1.InferOutput<S>>;

  const isEmpty = body === undefined;
  const checked = (fields: object): object => {
    const record = checkRecord(name, unchecked ? fields : validate(schema, fields, name));
    return isEmpty ? checkEmpty(name, record) : record;
  };
  const make = (fields: object = none, header?: HeaderOptions) => createMessage(name, checked(fields), header);
  const parse = (value: unknown): AnyMessage => {
    if (isMessage(value) && value.type === name) return value;
    const { fields, ...header } = foreign(name, value);
    return inEnvelope(name, checked(fields), { ...fresh(), ...header });
  };
  const is = (value: unknown): boolean => {
    if (isMessage(value)) return value.type === name;
    if (typeof value !== "object" || value === null || asUuid((value as Made).messageId) === undefined) return false;
    try {
      const parsed = parse(value);
      const { type, messageId, priority, correlationId } = parsed;
      return sameValue({ ...value }, { type, messageId, priority, correlationId, ...(parsed as object) });
    } catch {
      return false;
    }
  };
  const copy = (message: AnyMessage, header: HeaderOptions): AnyMessage => {
    if (!isMessage(message) || message.type !== name) {
      throw new errors.TYPE_MISMATCH({ wanted: [name], got: String((message as { type?: unknown } | null)?.type) });
    }
    return withHeader(message, header);
  };
  Object.defineProperty(make, "name", { value: name });
  return Object.assign(make, { type: name, schema, is, parse, with: copy }) as never;
}

const none = Object.freeze({});

const fresh = (): Envelope => ({
  id: nextMessageId(),
  cause: null,
  priority: INHERITED_PRIORITY,
  expiresAt: Number.POSITIVE_INFINITY,
  lineage: undefined,
});

/** Splits foreign data into body and header. Header fields may be absent, but not invalid. */
function foreign(type: string, value: unknown): { fields: object } & Partial<Envelope> {
  const fail = (field: keyof Message, message: string) =>
    new errors.INVALID_MESSAGE({ type, issues: [{ message, path: [field] }] });
  checkRecord(type, value);
  const { got, messageId, priority, correlationId, fields } = reading(type, () => {
    const { type: got, messageId, priority, correlationId, ...fields } = value as Partial<Message>;
    return { got, messageId, priority, correlationId, fields };
  });
  if (got !== undefined && got !== type) throw fail("type", `is "${got}", not "${type}"`);
  const id = asUuid(messageId);
  if (messageId !== undefined && id === undefined) throw fail("messageId", "is not a UUID");
  const cause = asUuid(correlationId) ?? null;
  if (correlationId !== undefined && correlationId !== null && cause === null) {
    throw fail("correlationId", "is neither a UUID nor null");
  }
  try {
    return {
      fields,
      ...(id !== undefined && { id }),
      cause,
      ...(priority !== undefined && { priority: checkPriority(priority) }),
    };
  } catch {
    throw fail("priority", "is not an integer from 0 to 255");
  }
}

/**
 * Returns the body if it is a record of fields. Throws `INVALID_MESSAGE` for lists, maps, dates, functions and the
 * like, and for instances of classes with methods: a message keeps own fields only, so their content or methods would
 * be lost.
 */
export function checkRecord(type: string, body: unknown): object {
  let kind: string;
  try {
    // not by `reading`: its closure would cost every message 95 bytes
    if (isBody(body)) return body;
    kind = kindOf(body);
  } catch (cause) {
    throw unreadable(type, cause);
  }
  throw new errors.INVALID_MESSAGE({ type, issues: [{ message: `${kind} is no record of fields` }] });
}

function isBody(body: unknown): body is object {
  if (typeof body !== "object" || body === null) return false;
  const prototype: unknown = Object.getPrototypeOf(body);
  return prototype === Object.prototype || prototype === null || isMessage(body) || isRecord(body);
}

/** Reads a body, which may have getters. Throws `INVALID_MESSAGE` with what they throw as its cause. */
export function reading<T>(type: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw unreadable(type, cause);
  }
}

function unreadable(type: string, cause: unknown): Error {
  return new errors.INVALID_MESSAGE({ type, issues: [{ message: "cannot be read" }] }, { cause });
}

/** Throws `INVALID_MESSAGE` if there is any field: for message types without a body. */
export function checkEmpty(type: string, body: object): object {
  const issues = Object.keys(body).map((field) => ({
    message: "is no field of this message, which has none; header fields go into the second argument",
    path: [field],
  }));
  if (issues.length > 0) throw new errors.INVALID_MESSAGE({ type, issues });
  return body;
}

/** True for a record of another realm, or an instance of a class without methods and accessors. */
function isRecord(body: object): boolean {
  if (Object.prototype.toString.call(body) !== "[object Object]") return false;
  for (let one: object = Object.getPrototypeOf(body); ; ) {
    const next: object | null = Object.getPrototypeOf(one);
    if (next === null) return true; // the prototype of all objects
    if (Reflect.ownKeys(one).some((key) => key !== "constructor")) return false;
    one = next;
  }
}

function kindOf(body: unknown): string {
  if (typeof body !== "object" || body === null) return body == null ? String(body) : `a ${typeof body}`;
  const { name } = (body.constructor ?? {}) as { readonly name?: unknown };
  return typeof name === "string" && name !== "" ? `an instance of ${name}` : "this object";
}

/** True if two values are the same data: equal, or of one kind with the same content. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Date) return Object.is(a.getTime(), (b as Date).getTime());
  if (a instanceof Map || a instanceof Set) return sameValue([...a], [...(b as Iterable<unknown>)]);
  const keys = Object.keys(a);
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameValue(left[key], right[key]))
  );
}
