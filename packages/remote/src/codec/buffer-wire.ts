import { elementsNamed, Hold, noteBuffers, SharedBuffer, type Slab } from "@ringline/core/internal";
import { type ByteReader, CorruptFrame } from "./byte-reader.js";
import type { ByteWriter } from "./byte-writer.js";
import { readText, writeText } from "./scalars.js";
import { TAG } from "./tags.js";

/** Writes where a buffer is. Throws where it is on a device. */
export function writeBuffer(out: ByteWriter, buffer: SharedBuffer): void {
  if (buffer.side === "device") throw new TypeError("a buffer whose latest content is on a device: read() it before");
  out.byte(TAG.buffer);
  out.float(buffer.slab.id);
  out.word(buffer.length);
  writeText(out, buffer.elements.name);
}

/** The buffer of this place, which holds no reference yet. Throws `CorruptFrame`. */
export function readBuffer(source: ByteReader, slabOf: (id: number) => Slab | undefined): SharedBuffer {
  source.byte();
  const id = source.float();
  const length = source.word();
  const name = readText(source);
  const [slab, elements] = [slabOf(id), elementsNamed(name)];
  if (slab === undefined) throw new CorruptFrame(`the memory ${id} of a buffer was never announced`);
  if (elements === undefined) throw new CorruptFrame(`nothing here is called "${name}", of which a buffer is made`);
  if (length * elements.stride > slab.room) throw new CorruptFrame("a buffer is longer than its memory");
  noteBuffers();
  return new SharedBuffer(elements, length, new Hold(slab));
}
