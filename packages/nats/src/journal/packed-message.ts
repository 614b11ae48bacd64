import { traceOf } from "@ringline/core";
import { type AnyMessage, type Clock, expiryOf, inEnvelope } from "@ringline/core/internal";
import { packedBody, unpackBody, type WireBody } from "../wire/message.js";

/** A message as a journal keeps it. */
export interface PackedMessage {
  readonly type: string;
  readonly id: string;
  readonly cause: string | null;
  readonly priority: number;
  /** Epoch milliseconds; Infinity for never. */
  readonly expiresAt: number;
  readonly trace: string | undefined;
  readonly body: WireBody;
}

/** Throws `SERIALIZATION`. */
export function packMessage(message: AnyMessage, clock: Clock): PackedMessage {
  const { type, messageId: id, correlationId: cause, priority } = message;
  const expiresAt = expiryOf(message) - clock.now() + Date.now();
  return { type, id, cause, priority, expiresAt, trace: traceOf(message), body: packedBody(message) };
}

export function unpackMessage({ type, expiresAt, body, ...header }: PackedMessage, clock: Clock): AnyMessage {
  const left = expiresAt - Date.now();
  return inEnvelope(type, unpackBody(body), { ...header, expiresAt: clock.now() + left, lineage: undefined });
}
