import { traceOf } from "@ringline/core";
import {
  type AnyMessage,
  type Clock,
  copyMessage,
  envelopeOf,
  expiryOf,
  inEnvelope,
  type Lineage,
  lineageOf,
  packValue,
  unpackValue,
} from "@ringline/remote";

/** Who waits for an answer: known by a number to the process that it waits in. */
export interface AskerRef {
  readonly id: number;
  readonly isYours: boolean;
  readonly asked: string;
  readonly name: string;
}

/** The input of a flow: known by a number to the host. */
export interface OriginRef {
  readonly id: number;
  readonly flow: string;
  readonly isCancelled: boolean;
}

export interface WireLineage {
  readonly asker?: AskerRef | undefined;
  readonly origin?: OriginRef | undefined;
}

/** A message as it travels. */
export interface WireMessage {
  readonly type: string;
  readonly id: string;
  readonly cause: string | null;
  readonly priority: number;
  /** Milliseconds until it expires: clocks of processes differ. */
  readonly left: number;
  readonly lineage: WireLineage | undefined;
  /** A W3C `traceparent`. */
  readonly trace: string | undefined;
  readonly body: Uint8Array;
}

/** How one end of a line speaks of what cannot travel. */
export interface Book {
  toWire(lineage: Lineage): WireLineage;
  fromWire(lineage: WireLineage): Lineage;
}

/** Throws `SERIALIZATION` with the path of the field that cannot travel. */
export function toWire(message: AnyMessage, book: Book, clock: Clock, body = packBody(message)): WireMessage {
  const { type, messageId: id, correlationId: cause, priority } = message;
  const expiresAt = expiryOf(message);
  const left = expiresAt === Number.POSITIVE_INFINITY ? expiresAt : expiresAt - clock.now();
  const lineage = lineageOf(message);
  const trace = traceOf(message);
  return { type, id, cause, priority, left, lineage: lineage && book.toWire(lineage), trace, body };
}

export function fromWire({ type, left, lineage, body, ...header }: WireMessage, book: Book, clock: Clock): AnyMessage {
  const expiresAt = left === Number.POSITIVE_INFINITY ? left : clock.now() + left;
  return inEnvelope(type, unpackBody(body), { ...header, expiresAt, lineage: lineage && book.fromWire(lineage) });
}

/** Throws `SERIALIZATION`. */
export function packBody(message: AnyMessage): Uint8Array {
  return packValue({ ...(message as object) }, { messageId: message.messageId });
}

export function unpackBody(bytes: Uint8Array): object {
  return unpackValue(bytes) as object;
}

/** The message as it would arrive, without the journey. Throws `SERIALIZATION`. */
export function copied(message: AnyMessage): AnyMessage {
  return copyMessage(message, envelopeOf(message), unpackBody(packBody(message)));
}

/** For a message whose body cannot travel. */
export const NO_BODY = packValue({});
