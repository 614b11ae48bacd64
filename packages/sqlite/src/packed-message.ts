import { traceOf } from "@ringline/core";
import { type AnyMessage, type Clock, expiryOf, inEnvelope } from "@ringline/core/internal";
import { packState, unpackState } from "@ringline/remote";

/** A message as a journal keeps it, without the names of its fields. */
export type PackedMessage = readonly [
  type: string,
  id: string,
  cause: string | null,
  priority: number,
  /** Epoch milliseconds; Infinity for never. */
  expiresAt: number,
  trace: string | undefined,
  body: ReturnType<typeof packState>,
];

/** Throws `SERIALIZATION`. */
export function packMessage(message: AnyMessage, clock: Clock): PackedMessage {
  const { type, messageId, correlationId, priority } = message;
  const expiresAt = expiryOf(message) - clock.now() + Date.now();
  return [type, messageId, correlationId, priority, expiresAt, traceOf(message), packState({ ...message })];
}

export function unpackMessage(packed: PackedMessage, clock: Clock): AnyMessage {
  const [type, id, cause, priority, expires, trace, body] = packed;
  const expiresAt = clock.now() + expires - Date.now();
  return inEnvelope(type, unpackState(body) as object, { id, cause, priority, expiresAt, lineage: undefined, trace });
}
