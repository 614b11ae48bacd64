import { type AnyMessage, copyMessage, envelopeOf, hasBuffers, isBuffer } from "@ringline/core/internal";
import { copyValue } from "@ringline/remote";
import { copyingLineage } from "./copying-asker.js";

export { copyValue };

/**
 * A message with the same header and a copy of its body, as it would arrive at another place; its buffers are handed
 * over. Throws `SERIALIZATION` with the path of the field.
 */
export function copied(message: AnyMessage): AnyMessage {
  const envelope = envelopeOf(message);
  const lineage = envelope.lineage && copyingLineage(envelope.lineage, (answer) => copied(answer as AnyMessage));
  return copyMessage(message, { ...envelope, lineage }, copiedBody(message));
}

function copiedBody(message: AnyMessage): object {
  const { messageId } = message;
  const body: Record<string, unknown> = { ...(message as object) };
  const buffers = hasBuffers ? Object.entries(body).filter(([, value]) => isBuffer(value)) : [];
  for (const [key] of buffers) body[key] = undefined;
  const copy = copyValue(body, { messageId }) as object;
  return Object.assign(copy, Object.fromEntries(buffers));
}
