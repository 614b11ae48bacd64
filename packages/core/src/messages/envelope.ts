import { AnyMessage, causeOf, expiryOf, idOf, lineageOf, traceOf } from "./any-message.js";
import type { Lineage } from "./lineage.js";
import type { MessageId } from "./message-id.js";

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
