import { type AnyMessage, cloned, copyMessage, envelopeOf } from "@ringline/core/backend";
import { copyingLineage } from "./copying-asker.js";

/** A message with the same header and a structured clone of its body. Throws `SERIALIZATION` with the path of the field. */
export function copied(message: AnyMessage): AnyMessage {
  const body = cloned({ ...message }, { messageId: message.messageId });
  const envelope = envelopeOf(message);
  const lineage = envelope.lineage && copyingLineage(envelope.lineage, (answer) => copied(answer as AnyMessage));
  return copyMessage(message, { ...envelope, lineage }, body);
}
