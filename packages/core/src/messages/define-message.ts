import type { StandardSchemaV1 } from "@standard-schema/spec";
import { errors } from "../errors/ringline-error.js";
import { type AnyMessage, isMessage } from "./any-message.js";
import { body as bodyOf, checkSchema, isTypeOnly, type TypeOnly, validate } from "./body.js";
import type { WithBody } from "./body-rules.js";
import { checkEmpty, checkRecord, reading } from "./check-record.js";
import { createMessage, withHeader } from "./create-message.js";
import { type Envelope, inEnvelope } from "./envelope.js";
import { type HeaderOptions, INHERITED_PRIORITY, type Message } from "./header.js";
import { checkPriority } from "./header-checks.js";
import { asUuid, nextMessageId } from "./message-id.js";
import type { MessageType } from "./message-type.js";
import { sameValue } from "./same-value.js";

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
