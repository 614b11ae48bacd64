import { elementsNamed } from "../buffers/elements.js";
import { HandleReferences } from "../buffers/handle-references.js";
import { enableBuffers, hasBuffers } from "../buffers/references.js";
import { isBuffer, SharedBuffer } from "../buffers/shared-buffer.js";
import { slabs } from "../buffers/slab-pool.js";
import { errors } from "../errors/ringline-error.js";
import { type AnyMessage, expiryOf, traceOf } from "../messages/any-message.js";
import { inEnvelope } from "../messages/envelope.js";
import type { Keeper } from "../seam/backend.js";
import type { Clock } from "../time/clock.js";

/** A message as a journal stores it: a tuple without field names. */
export type PackedMessage = readonly [
  type: string,
  id: string,
  cause: string | null,
  priority: number,
  /** Epoch milliseconds; undefined for never. */
  expiresAt: number | undefined,
  trace: string | undefined,
  /** Body as the keeper packed it, without the buffers. */
  body: unknown,
  ...buffers: PackedBuffer[],
];
type PackedBuffer = readonly [field: string, of: string, length: number, content: unknown];
type Packing = Pick<Keeper, "pack" | "unpack">;

/** Throws `SERIALIZATION`. */
export function packMessage(message: AnyMessage, keeper: Packing, clock: Clock): PackedMessage {
  const { type, messageId, correlationId, priority } = message;
  const expiry = expiryOf(message);
  const expiresAt = expiry === Number.POSITIVE_INFINITY ? undefined : expiry - clock.now() + Date.now();
  const body: Record<string, unknown> = { ...(message as object) };
  const buffers = hasBuffers ? takeBuffers(body, messageId, keeper) : [];
  return [type, messageId, correlationId, priority, expiresAt, traceOf(message), keeper.pack(body), ...buffers];
}

export function unpackMessage(packed: PackedMessage, keeper: Packing, clock: Clock): AnyMessage {
  const [type, id, cause, priority, expires, trace, packedBody, ...buffers] = packed;
  const expiresAt = expires === undefined ? Number.POSITIVE_INFINITY : clock.now() + expires - Date.now();
  const body = keeper.unpack(packedBody) as Record<string, unknown>;
  for (const buffer of buffers) body[buffer[0]] = unpackBuffer(buffer, keeper);
  return inEnvelope(type, body, { id, cause, priority, expiresAt, lineage: undefined, trace });
}

/** Removes the buffers from a body, and returns their packed content. */
function takeBuffers(body: Record<string, unknown>, messageId: string, keeper: Packing): PackedBuffer[] {
  return Object.entries(body).flatMap(([path, value]) => {
    if (!isBuffer(value)) return [];
    if (value.side === "device") {
      const cause = new Error("a buffer whose latest content is on a device: read() it before");
      throw new errors.SERIALIZATION({ path }, { cause, messageId });
    }
    body[path] = undefined;
    return [[path, value.elements.name, value.length, keeper.pack(value.bytes.slice())] as const];
  });
}

/** Restores a buffer in this process, with one reference for its user. Throws `SERIALIZATION`. */
function unpackBuffer([path, of, length, content]: PackedBuffer, keeper: Packing): SharedBuffer {
  const elements = elementsNamed(of);
  const bytes = keeper.unpack(content) as Uint8Array;
  if (elements === undefined || bytes.length !== length * elements.stride) {
    const cause = new Error(`nothing here is called "${of}", of which it is made`);
    throw new errors.SERIALIZATION({ path }, { cause });
  }
  enableBuffers();
  const buffer = new SharedBuffer(elements, length, HandleReferences.of(slabs.take(bytes.length)));
  buffer.bytes.set(bytes);
  return buffer;
}
