import { type AnyMessage, copyMessage, envelopeOf } from "@ringline/core/internal";
import { copiedBody, copyValue } from "@ringline/remote";
import { copyingLineage } from "./copying-requester.js";

export { copyValue };

/**
 * A message with the same header and a copy of its body, as it would arrive at another place; its buffers are handed
 * over. Throws `SERIALIZATION` with the path of the field.
 */
export function copied(message: AnyMessage): AnyMessage {
  const envelope = envelopeOf(message);
  const lineage = envelope.lineage && copyingLineage(envelope.lineage, (answer) => copied(answer as AnyMessage));
  return copyMessage(
    message,
    { ...envelope, lineage },
    copiedBody(message, (buffer) => buffer),
  );
}
