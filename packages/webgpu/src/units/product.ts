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

/** Something that comes back: where it is on the device, and where it will lie. In bytes. */
export interface Down {
  readonly from: GPUBuffer;
  readonly at: number;
  readonly bytes: number;
}

/** An array that was put out. */
export interface Made {
  readonly shared: SharedBuffer;
  readonly side: GpuSide;
  /** Undefined for one that stays on the device until it is read. */
  readonly down: Down | undefined;
}

/** Result of one message. */
export interface Product {
  readonly buffers: ReadonlyMap<string, Made>;
  /** The fields beside buffers. */
  readonly result: Down | undefined;
}

/** A buffer whose content will be written in full: it is not cleared before. */
export function emptyBuffer(elements: Elements<unknown>, length: number, bytes: number): SharedBuffer {
  enableBuffers();
  return new SharedBuffer(elements, length, HandleReferences.of(slabs.take(bytes)));
}

/** The body of the message, with the fields `names`. `mapped`: what has come down. */
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

/** Nothing came of it. */
export function release({ buffers }: Product): void {
  for (const { shared, side } of buffers.values()) {
    if (shared.device === undefined) side.release();
    shared.release();
  }
}
