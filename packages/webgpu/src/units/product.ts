import {
  checkCount,
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
  readonly elements: Elements<unknown>;
  /** Number of elements; of a counted array the maximum. */
  readonly length: number;
  readonly side: GpuSide;
  /** Undefined for an array that is read on demand. */
  readonly down: Down | undefined;
  /** Index of the counter that gives its length, -1 for none. */
  readonly counter: number;
}

/** Result of one message. */
export interface Product {
  readonly buffers: ReadonlyMap<string, Made>;
  /** Fields that are not buffers. */
  readonly result: Down | undefined;
  /** Counters, if some array is counted. */
  readonly counts: Down | undefined;
}

/**
 * Body of the output message, with the fields `names`. `mapped`: data that was read back. Throws `OUTPUT_OVERFLOW`; the
 * product is then released.
 */
export function bodyOf(
  { buffers, result, counts }: Product,
  names: readonly string[],
  unpacker: Packer,
  mapped: ArrayBuffer | undefined,
) {
  const fields = result && mapped && unpacker.unpack(new Memory(mapped, result.at, result.bytes), 0);
  const counted = counts && mapped && new Uint32Array(mapped, counts.at, counts.bytes / 4);
  const lengths = new Map<string, number>();
  try {
    for (const [name, { length, counter }] of buffers) {
      const count = counter < 0 ? length : counted?.[counter];
      checkCount(name, count, length);
      lengths.set(name, count);
    }
  } catch (error) {
    release({ buffers });
    throw error;
  }
  const body: Record<string, unknown> = {};
  for (const name of names) {
    const made = buffers.get(name);
    body[name] = made === undefined ? fields?.[name] : sharedOf(made, lengths.get(name) as number, mapped);
  }
  return body;
}

/** The buffer of an output array. Its memory is not cleared, as it is written in full. */
function sharedOf({ elements, side, down }: Made, length: number, mapped: ArrayBuffer | undefined): SharedBuffer {
  enableBuffers();
  const bytes = length * elements.stride;
  const shared = new SharedBuffer(elements, length, HandleReferences.of(slabs.take(bytes)));
  side.shorten(bytes);
  if (down !== undefined && mapped !== undefined) shared.bytes.set(new Uint8Array(mapped, down.at, bytes));
  shared.attach(side, down === undefined ? "device" : "both");
  return shared;
}

/** Releases the buffers of a product that is not used. */
export function release({ buffers }: Pick<Product, "buffers">): void {
  for (const { side } of buffers.values()) side.release();
}
