import { deserialize, serialize } from "node:v8";
import { errors } from "@ringline/core";
import {
  type AnyMessage,
  type Clock,
  cloned,
  copyMessage,
  envelopeOf,
  errorFromWire,
  errorToWire,
  hasBuffers,
  inEnvelope,
  type MessageId,
  moved,
  SharedBuffer,
  type WireError,
} from "@ringline/core/backend";
import type { Book, WireLineage } from "./book.js";
import { packBuffer, unpackBuffer, type WireBuffer } from "./buffer.js";

/** The fields of a message. Errors and buffers stand apart: as data they would lose what they are. */
export interface WireBody {
  /** A body of nothing but numbers, texts and the like, as it is. */
  readonly flat: Readonly<Record<string, unknown>> | undefined;
  /** Any other body, packed. */
  readonly bytes: Uint8Array | undefined;
  readonly errors: Readonly<Record<string, WireError>> | undefined;
  readonly buffers: Readonly<Record<string, WireBuffer>> | undefined;
}

/** A message as it travels. */
export class WireMessage {
  constructor(
    readonly type: string,
    readonly id: MessageId,
    readonly cause: MessageId | null,
    readonly priority: number,
    /** Milliseconds until it expires: clocks of hosts differ. */
    readonly left: number,
    readonly lineage: WireLineage | undefined,
    /** A W3C `traceparent`. */
    readonly trace: string | undefined,
    readonly body: WireBody,
  ) {}
}

/** The body of a message that has nothing but numbers, texts and the like: its fields travel as they are. */
export const PLAIN: WireBody = { flat: undefined, bytes: undefined, errors: undefined, buffers: undefined };

/** Throws `SERIALIZATION` with the path of the field that cannot travel. */
export function toWire(message: AnyMessage, book: Book, clock: Clock, packed = packBody(message)): WireMessage {
  const body = packed === PLAIN ? plainBody(message) : packed;
  const { id, cause, priority, expiresAt, lineage, trace } = envelopeOf(message);
  const left = expiresAt === Number.POSITIVE_INFINITY ? expiresAt : expiresAt - clock.now();
  return new WireMessage(message.type, id, cause, priority, left, lineage && book.toWire(lineage), trace, body);
}

/** `waited`: milliseconds since it came. */
export function fromWire(wire: WireMessage, book: Book, clock: Clock, waited = 0): AnyMessage {
  const { type, id, cause, priority, left, lineage, trace, body } = wire;
  const expiresAt = left === Number.POSITIVE_INFINITY ? left : clock.now() + left - waited;
  const known = lineage && book.fromWire(lineage);
  return inEnvelope(type, unpackBody(body), { id, cause, priority, expiresAt, lineage: known, trace });
}

const plainBody = (message: AnyMessage): WireBody => ({ ...PLAIN, flat: { ...(message as object) } });

/** Its body is `PLAIN`. */
export function isPlain(message: AnyMessage): boolean {
  for (const name in message) if (!isSimple((message as unknown as Record<string, unknown>)[name])) return false;
  return true;
}

/** `PLAIN` where nothing needs to be packed. Throws `SERIALIZATION`. */
export function packBody(message: AnyMessage): WireBody {
  if (isPlain(message)) return PLAIN;
  const data: Record<string, unknown> = {};
  let failures: Record<string, WireError> | undefined;
  let buffers: Record<string, WireBuffer> | undefined;
  let isFlat = true;
  for (const name of Object.keys(message)) {
    const value = (message as unknown as Record<string, unknown>)[name];
    if (isSimple(value)) {
      data[name] = value;
    } else if (value instanceof Error) {
      failures ??= {};
      failures[name] = errorToWire(value);
    } else if (value instanceof SharedBuffer) {
      buffers ??= {};
      buffers[name] = packBuffer(value, name, message.messageId);
    } else {
      data[name] = value;
      isFlat = false;
    }
  }
  return isFlat
    ? { flat: data, bytes: undefined, errors: failures, buffers }
    : { flat: undefined, bytes: packed(data, message), errors: failures, buffers };
}

/** The same, which can do without the message. */
export function packedBody(message: AnyMessage): WireBody {
  const body = packBody(message);
  return body === PLAIN ? plainBody(message) : body;
}

/** Travels as it is, and cannot be changed by anybody. */
function isSimple(value: unknown): boolean {
  return (typeof value !== "object" && typeof value !== "function" && typeof value !== "symbol") || value === null;
}

function packed(data: object, message: AnyMessage): Uint8Array {
  try {
    return serialize(data);
  } catch (cause) {
    const { messageId } = message;
    cloned(data, { messageId }); // throws, and finds the field
    throw new errors.SERIALIZATION({ path: "" }, { cause, messageId });
  }
}

export function unpackBody({ flat, bytes, errors: failures, buffers }: WireBody): object {
  if (flat !== undefined && failures === undefined && buffers === undefined) return flat;
  const body: Record<string, unknown> = bytes === undefined ? { ...flat } : deserialize(bytes);
  for (const [name, error] of Object.entries(failures ?? {})) body[name] = errorFromWire(error);
  for (const [name, buffer] of Object.entries(buffers ?? {})) body[name] = unpackBuffer(buffer, name);
  return body;
}

/** The message as it would arrive, without the journey. Throws `SERIALIZATION`. */
export function copied(message: AnyMessage, body = packBody(message)): AnyMessage {
  return copyMessage(message, envelopeOf(message), body === PLAIN ? message : unpackBody(body));
}

/** Packs what leaves this process for good: the references that its sender gave go with it. Throws as `toWire` does. */
export function sendAway(message: AnyMessage, book: Book, clock: Clock): WireMessage {
  const wire = toWire(message, book, clock);
  if (hasBuffers) moved(message);
  return wire;
}

/** For a message whose body cannot travel. */
export const NO_BODY: WireBody = { flat: {}, bytes: undefined, errors: undefined, buffers: undefined };
