import { errors } from "@ringline/core";
import { elementsNamed, Hold, noteBuffers, SharedBuffer, slabs } from "@ringline/core/internal";

/** A buffer as it travels: its content. */
export interface WireBuffer {
  /** What it is made of. */
  readonly of: string;
  readonly length: number;
  readonly bytes: Uint8Array;
}

/** Throws `SERIALIZATION`. `path`: the field that holds it. */
export function packBuffer(buffer: SharedBuffer, path: string, messageId: string): WireBuffer {
  if (buffer.side === "device") {
    const cause = new Error("a buffer whose latest content is on a device: read() it before");
    throw new errors.SERIALIZATION({ path }, { cause, messageId });
  }
  return { of: buffer.elements.name, length: buffer.length, bytes: buffer.bytes.slice() };
}

/** A buffer of this process, with one reference, its user's. Throws `SERIALIZATION`. */
export function unpackBuffer({ of, length, bytes }: WireBuffer, path: string): SharedBuffer {
  const elements = elementsNamed(of);
  if (elements === undefined || bytes.length !== length * elements.stride) {
    throw new errors.SERIALIZATION(
      { path },
      { cause: new Error(`nothing here is called "${of}", of which it is made`) },
    );
  }
  noteBuffers();
  const buffer = new SharedBuffer(elements, length, Hold.of(slabs.take(bytes.length)));
  buffer.bytes.set(bytes);
  return buffer;
}
