import { errors } from "@ringline/core";
import {
  type AnyMessage,
  copyMessage,
  envelopeOf,
  hasBuffers,
  isBuffer,
  type SharedBuffer,
} from "@ringline/core/internal";
import { copyOfBuffer } from "./buffer-wire.js";
import { packValue, unpackValue } from "./packed.js";

/**
 * Copies the body of a message as a receiver elsewhere would get it. `ofBuffer` replaces each buffer. Throws
 * `SERIALIZATION`.
 */
export function copiedBody(message: AnyMessage, ofBuffer: (buffer: SharedBuffer) => SharedBuffer): object {
  const { messageId } = message;
  const body: Record<string, unknown> = { ...(message as object) };
  const buffers = hasBuffers ? Object.entries(body).filter(([, value]) => isBuffer(value)) : [];
  for (const [name] of buffers) body[name] = undefined;
  const copy = unpackValue(packValue(body, { messageId })) as Record<string, unknown>;
  for (const [name, buffer] of buffers) {
    try {
      copy[name] = ofBuffer(buffer as SharedBuffer);
    } catch (cause) {
      throw new errors.SERIALIZATION({ path: name }, { cause, messageId });
    }
  }
  return copy;
}

/**
 * Copies a message as a receiver elsewhere would get it; returns the message itself if all its fields are primitive.
 * `ofBuffer` replaces each buffer, by default with a copy. Throws `SERIALIZATION`.
 */
export function copied(message: AnyMessage, ofBuffer = copyOfBuffer): AnyMessage {
  for (const name in message) {
    if (!isSimple((message as unknown as Record<string, unknown>)[name]))
      return copyMessage(message, envelopeOf(message), copiedBody(message, ofBuffer));
  }
  return message;
}

/** Copies a message together with its buffers. */
export function withOwnBuffers(message: AnyMessage): AnyMessage {
  const own = Object.entries(message).map(([name, value]) => [name, isBuffer(value) ? copyOfBuffer(value) : value]);
  return copyMessage(message, envelopeOf(message), Object.fromEntries(own));
}

function isSimple(value: unknown): boolean {
  return (typeof value !== "object" && typeof value !== "function" && typeof value !== "symbol") || value === null;
}
