import { type Elements, Hold, Memory, noteBuffers, type Packer, SharedBuffer, slabs } from "@ringline/core/backend";
import type { GpuSide } from "../device/gpu-side.js";

/** Something that comes back: where it is on the device, and where it will lie. In bytes. */
export interface Down {
  readonly from: GPUBuffer;
  readonly at: number;
  readonly bytes: number;
}

/** What one message comes to. */
export interface Product {
  readonly buffers: ReadonlyMap<string, { readonly shared: SharedBuffer; readonly side: GpuSide; readonly down: Down }>;
  /** The fields beside buffers. */
  readonly result: Down | undefined;
}

/** A buffer whose content will be written in full: it is not cleared before. */
export function emptyBuffer(elements: Elements<unknown>, length: number, bytes: number): SharedBuffer {
  noteBuffers();
  return new SharedBuffer(elements, length, Hold.of(slabs.take(bytes)));
}

/** The body of the message, with the fields `names`. */
export function bodyOf({ buffers, result }: Product, names: readonly string[], unpacker: Packer, mapped: ArrayBuffer) {
  const fields = result && unpacker.unpack(new Memory(mapped, result.at, result.bytes), 0);
  const body: Record<string, unknown> = {};
  for (const name of names) {
    const made = buffers.get(name);
    if (made === undefined) {
      body[name] = fields?.[name];
      continue;
    }
    const { shared, side, down } = made;
    shared.bytes.set(new Uint8Array(mapped, down.at, shared.byteLength));
    shared.attach(side, "both");
    body[name] = shared;
  }
  return body;
}

/** Nothing came of it. */
export function release({ buffers }: Product): void {
  for (const { shared, side } of buffers.values()) {
    if (shared.device === undefined) side.release();
    shared.release();
  }
}
