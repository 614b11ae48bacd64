import { errors } from "@ringline/core";
import { type AnyMessage, copyMessage, envelopeOf } from "@ringline/core/backend";
import { copyingLineage } from "./copying-asker.js";

/** A message with the same header and a structured clone of its body. Throws `SERIALIZATION` with the path of the field. */
export function copied(message: AnyMessage): AnyMessage {
  let body: object;
  try {
    body = structuredClone({ ...message });
  } catch (cause) {
    const path = pathOfFault({ ...message }, new Set()) ?? "";
    throw new errors.SERIALIZATION({ path }, { cause, messageId: message.messageId });
  }
  const envelope = envelopeOf(message);
  const lineage = envelope.lineage && copyingLineage(envelope.lineage, (answer) => copied(answer as AnyMessage));
  return copyMessage(message, { ...envelope, lineage }, body);
}

/** Where in `value` the part is that cannot be cloned: "steps.0.run". */
function pathOfFault(value: unknown, seen: Set<unknown>): string | undefined {
  if (clones(value)) return undefined;
  if (typeof value !== "object" || value === null || seen.has(value)) return "";
  seen.add(value);
  for (const [key, part] of Object.entries(value)) {
    const below = pathOfFault(part, seen);
    if (below !== undefined) return below === "" ? key : `${key}.${below}`;
  }
  return "";
}

function clones(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}
