import { errors } from "../errors/ringline-error.js";
import { now } from "../time/clock.js";
import { DEFAULT_PRIORITY, type Header, type HeaderOptions } from "./header.js";
import type { Lineage } from "./lineage.js";
import { causeOf, expiryOf, idOf, isMessage, lineageOf, type MessageBase } from "./message-base.js";
import { isUuid, type MessageId, nextMessageId } from "./message-id.js";

/** The header of a message as it is kept, ids not yet made into text, and what travels hidden beside it. */
export interface Envelope {
  readonly id: MessageId;
  readonly cause: MessageId | null;
  readonly priority: number;
  /** By the clock of this place; Infinity for never. */
  readonly expiresAt: number;
  readonly lineage: Lineage | undefined;
}

/** The envelope of a new message, caused by what is in hand. */
export function newEnvelope(inHand: MessageBase | undefined): Envelope {
  return {
    id: nextMessageId(),
    cause: inHand === undefined ? null : idOf(inHand),
    priority: DEFAULT_PRIORITY,
    expiresAt: Number.POSITIVE_INFINITY,
    lineage: inHand === undefined ? undefined : lineageOf(inHand),
  };
}

export function envelopeOf(message: MessageBase): Envelope {
  return {
    id: idOf(message),
    cause: causeOf(message),
    priority: message.priority,
    expiresAt: expiryOf(message),
    lineage: lineageOf(message),
  };
}

/** `envelope` with what the options say. Throws `INVALID_ARGUMENT`. */
export function withHeader(envelope: Envelope, options: HeaderOptions): Envelope {
  const { replyTo, correlationId, priority, expiresIn } = options;
  const start = replyTo === undefined ? envelope : answering(envelope, replyTo);
  return {
    ...start,
    ...(correlationId !== undefined && { cause: checkCorrelationId(correlationId) }),
    ...(priority !== undefined && { priority: checkPriority(priority) }),
    ...(expiresIn !== undefined && { expiresAt: now() + checkExpiry(expiresIn) }),
  };
}

/** A message that was not made here may be answered too; nobody waits for it. */
function answering(envelope: Envelope, cause: Header): Envelope {
  if (isMessage(cause)) {
    return { ...envelope, cause: idOf(cause), priority: cause.priority, lineage: lineageOf(cause) };
  }
  if (!isUuid((cause as Header | null)?.messageId)) throw new errors.INVALID_ARGUMENT({ argument: "replyTo", value: cause });
  return { ...envelope, cause: cause.messageId, priority: checkPriority(cause.priority ?? DEFAULT_PRIORITY) };
}

export function checkPriority(priority: unknown): number {
  if (Number.isInteger(priority) && (priority as number) >= 0 && (priority as number) <= 255) return priority as number;
  throw new errors.INVALID_ARGUMENT(
    { argument: "priority", value: priority },
    { remedy: "A priority is an integer from 0 to 255, higher first." },
  );
}

function checkCorrelationId(id: unknown): string | null {
  if (id === null || isUuid(id)) return id;
  throw new errors.INVALID_ARGUMENT(
    { argument: "correlationId", value: id },
    { remedy: "A correlation id is the UUID of another message, or null." },
  );
}

function checkExpiry(expiresIn: unknown): number {
  if (typeof expiresIn === "number" && expiresIn > 0) return expiresIn;
  throw new errors.INVALID_ARGUMENT(
    { argument: "expiresIn", value: expiresIn },
    { remedy: "`expiresIn` is more than 0 milliseconds." },
  );
}
