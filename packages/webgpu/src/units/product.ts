import {
  type Elements,
  enableBuffers,
  HandleReferences,
  Memory,
  type Packer,
  SharedBuffer,
  slabs,
} from "@ringline/core/internal";
import type { GpuSide } from "../device/gpu-side.js";

/** Data to read back: its location on the device, and its offset and size in the staging buffer, in bytes. */
export interface Down {
  readonly from: GPUBuffer;
  readonly at: number;
  readonly bytes: number;
}

/** An output array. */
export interface Made {
  readonly shared: SharedBuffer;
  readonly side: GpuSide;
  /** Undefined for an array that is read on demand. */
  readonly down: Down | undefined;
}

/** Result of one message. */
export interface Product {
  readonly buffers: ReadonlyMap<string, Made>;
  /** Fields that are not buffers. */
  readonly result: Down | undefined;
}

/** A buffer that is not cleared, as its content will be written in full. */
export function emptyBuffer(elements: Elements<unknown>, length: number, bytes: number): SharedBuffer {
  enableBuffers();
  return new SharedBuffer(elements, length, HandleReferences.of(slabs.take(bytes)));
}

/** Body of the output message, with the fields `names`. `mapped`: data that was read back. */
export function bodyOf(
  { buffers, result }: Product,
  names: readonly string[],
  unpacker: Packer,
  mapped: ArrayBuffer | undefined,
) {
  const fields = result && mapped && unpacker.unpack(new Memory(mapped, result.at, result.bytes), 0);
  const body: Record<string, unknown> = {};
  for (const name of names) {
    const made = buffers.get(name);
    if (made === undefined) {
      body[name] = fields?.[name];
      continue;
    }
    const { shared, side, down } = made;
    if (down !== undefined && mapped !== undefined)
      shared.bytes.set(new Uint8Array(mapped, down.at, shared.byteLength));
    shared.attach(side, down === undefined ? "device" : "both");
    body[name] = shared;
  }
  return body;
}

/** Releases the buffers of a product that is not used. */
export function release({ buffers }: Product): void {
  for (const { shared, side } of buffers.values()) {
    if (shared.device === undefined) side.release();
    shared.release();
  }
}
