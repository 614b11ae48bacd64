import { AnyMessage, causeOf, expiryOf, idOf, lineageOf, traceOf } from "./any-message.js";
import type { Lineage } from "./lineage.js";
import type { MessageId } from "./message-id.js";

/** The header of a message as it is kept, ids not yet made into text, and what travels hidden beside it. */
export interface Envelope {
  readonly id: MessageId;
  readonly cause: MessageId | null;
  readonly priority: number;
  /** By the clock of this place; Infinity for never. */
  readonly expiresAt: number;
  readonly lineage: Lineage | undefined;
  /** A W3C `traceparent`. */
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

/** A message with this envelope. Throws `INVALID_MESSAGE` for a body with a header's name. */
export function inEnvelope(type: string, body: object, envelope: Envelope): AnyMessage {
  const { id, cause, priority, expiresAt, lineage, trace } = envelope;
  const isPlain = lineage === undefined && expiresAt === Number.POSITIVE_INFINITY && trace === undefined;
  return new AnyMessage(type, body, id, cause, priority, isPlain ? undefined : { expiresAt, lineage, trace });
}

/** A copy of `message` in another envelope, or with another body: how the runtime changes what it must never write. */
export function copyMessage(message: AnyMessage, envelope: Envelope, body: object = message): AnyMessage {
  return inEnvelope(message.type, body, envelope);
}
