import {
  elementsNamed,
  enableBuffers,
  HandleReferences,
  SharedBuffer,
  type Slab,
  slabs,
} from "@ringline/core/internal";
import { type ByteReader, CorruptFrame } from "./byte-reader.js";
import type { ByteWriter } from "./byte-writer.js";
import { readText, writeText } from "./scalars.js";
import { TAG } from "./tags.js";

/** Encoding of the buffers of messages. */
export interface BufferRefs {
  /** Writes a buffer. Throws if its latest content is on a device. */
  write(out: ByteWriter, buffer: SharedBuffer): void;
  /** Reads a buffer. Throws `CorruptFrame`. */
  read(source: ByteReader): SharedBuffer;
}

/** Sends buffers in shared memory as handles. A buffer that was read holds no reference yet. */
export function slabBuffers(slabOf: (id: number) => Slab | undefined): BufferRefs {
  return {
    write(out, buffer) {
      writeHead(out, buffer);
      out.float(buffer.slab.id);
    },
    read(source) {
      const [elements, length] = readHead(source);
      const id = source.float();
      const slab = slabOf(id);
      if (slab === undefined) throw new CorruptFrame(`the memory ${id} of a buffer was never announced`);
      if (length * elements.stride > slab.capacity) throw new CorruptFrame("a buffer is longer than its memory");
      enableBuffers();
      return new SharedBuffer(elements, length, new HandleReferences(slab));
    },
  };
}

/** Sends buffers with their content. A buffer that was read has one reference, its user's. */
export const copiedBuffers: BufferRefs = {
  write(out, buffer) {
    writeHead(out, buffer);
    out.raw(buffer.bytes);
  },
  read(source) {
    const [elements, length] = readHead(source);
    const size = source.countOf(1);
    if (size !== length * elements.stride) throw new CorruptFrame("a buffer has another size than its elements");
    const at = source.take(size);
    return bufferOf(elements, length, source.bytes.subarray(at, at + size));
  },
};

/** Returns the same buffer. Throws where its latest content is on a device. */
export function checkedBuffer(buffer: SharedBuffer): SharedBuffer {
  if (buffer.side === "device") throw new TypeError("a buffer whose latest content is on a device: read() it before");
  return buffer;
}

/** Copies a buffer; the copy has one reference. Throws where the latest content is on a device. */
export function copyOfBuffer(buffer: SharedBuffer): SharedBuffer {
  const { elements, length, bytes } = checkedBuffer(buffer);
  return bufferOf(elements, length, bytes);
}

function bufferOf(elements: SharedBuffer["elements"], length: number, content: Uint8Array): SharedBuffer {
  enableBuffers();
  const buffer = new SharedBuffer(elements, length, HandleReferences.of(slabs.take(content.length)));
  buffer.bytes.set(content);
  return buffer;
}

function writeHead(out: ByteWriter, buffer: SharedBuffer): void {
  checkedBuffer(buffer);
  out.byte(TAG.buffer);
  out.word(buffer.length);
  writeText(out, buffer.elements.name);
}

function readHead(source: ByteReader) {
  source.byte();
  const length = source.word();
  const name = readText(source);
  const elements = elementsNamed(name);
  if (elements === undefined) throw new CorruptFrame(`nothing here is called "${name}", of which a buffer is made`);
  return [elements, length] as const;
}
