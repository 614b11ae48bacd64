import {
  type AnyMessage,
  buffersOf,
  cloned,
  copyMessage,
  envelopeOf,
  hasBuffers,
  SharedBuffer,
} from "@ringline/core/backend";
import { copyingLineage } from "./copying-asker.js";

/**
 * A message with the same header and a structured clone of its body; its buffers are handed over. Throws `SERIALIZATION`
 * with the path of the field.
 */
export function copied(message: AnyMessage): AnyMessage {
  const { messageId } = message;
  const body =
    hasBuffers && buffersOf(message).length > 0
      ? copiedAround({ ...message }, messageId)
      : cloned({ ...message }, { messageId });
  const envelope = envelopeOf(message);
  const lineage = envelope.lineage && copyingLineage(envelope.lineage, (answer) => copied(answer as AnyMessage));
  return copyMessage(message, { ...envelope, lineage }, body);
}

function copiedAround(body: Record<string, unknown>, messageId: string): object {
  const isBuffer = (value: unknown) => value instanceof SharedBuffer;
  const rest = Object.entries(body).map(([key, value]) => [key, isBuffer(value) ? undefined : value] as const);
  const copy: Record<string, unknown> = cloned(Object.fromEntries(rest), { messageId });
  for (const [key, value] of Object.entries(body)) if (isBuffer(value)) copy[key] = value;
  return copy;
}
