import {
  type AnyMessage,
  type Clock,
  copyMessage,
  envelopeOf,
  hasBuffers,
  inEnvelope,
  isBuffer,
  type MessageId,
  moved,
} from "@ringline/core/internal";
import { packValue, unpackValue } from "@ringline/remote";
import type { Book, WireLineage } from "./book.js";
import { packBuffer, unpackBuffer, type WireBuffer } from "./buffer.js";

/** The fields of a message. Buffers stand apart. */
export interface WireBody {
  /** A body of nothing but numbers, texts and the like, as it is. */
  readonly flat: Readonly<Record<string, unknown>> | undefined;
  /** Any other body, packed. */
  readonly bytes: Uint8Array | undefined;
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
export const PLAIN: WireBody = { flat: undefined, bytes: undefined, buffers: undefined };

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
  const data: Record<string, unknown> = { ...(message as object) };
  let buffers: Record<string, WireBuffer> | undefined;
  for (const [name, value] of Object.entries(data)) {
    if (!isBuffer(value)) continue;
    buffers ??= {};
    buffers[name] = packBuffer(value, name, message.messageId);
    data[name] = undefined;
  }
  return { flat: undefined, bytes: packValue(data, { messageId: message.messageId }), buffers };
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

export function unpackBody({ flat, bytes, buffers }: WireBody): object {
  if (bytes === undefined) return flat ?? {};
  const body = unpackValue(bytes) as Record<string, unknown>;
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
export const NO_BODY: WireBody = { flat: {}, bytes: undefined, buffers: undefined };
