import { errors } from "../errors/ringline-error.js";
import type { WaitOptions } from "../time/wait-options.js";
import { type AnyMemory, type ElementsOf, elementsOf, type NumberArray, type NumberArrayType } from "./elements.js";
import { Hold } from "./hold.js";
import { noteBuffers } from "./references.js";
import { SharedBuffer } from "./shared-buffer.js";
import { slabs } from "./slab-pool.js";

/** Where the latest content of a buffer is. "lost": it was on a device that is gone. */
export type BufferSide = "host" | "device" | "both" | "lost";

/**
 * One array with a host and a device side, synchronised when it is read. As a field of a message it is handed over
 * without a copy, also to another thread. It is counted by reference: acceptance moves the sender's reference to the
 * message, and what the receiver was given goes when its message is settled, unless it was retained.
 */
export interface UnifiedBuffer<out Many> extends Disposable {
  /** Elements. */
  readonly length: number;
  readonly byteLength: number;
  readonly side: BufferSide;
  /**
   * The host side, up to date; reads back from the device only if it must. It is the memory itself: valid until the
   * buffer is sent or released. Rejects with `TIMEOUT`, `ABORTED`, `DEVICE_LOST`, `INVALID_ARGUMENT`.
   */
  read(options?: WaitOptions): Promise<Many>;
  /** Copies values to element `offset` (default 0) and on. Throws `INVALID_ARGUMENT`, also while others share it. */
  write(data: ArrayLike<number>, offset?: number): void;
  /** One more reference, to use it beyond the message or beyond sending it: release each. Throws `INVALID_ARGUMENT`. */
  retain(): this;
  /** Gives a reference back, as the end of `using` does. Nothing happens where there is none: after it was sent. */
  release(): void;
}

/**
 * A buffer from the pool of this place: zeroed when made by length, else filled. `of`: the constructor of a typed array, or
 * the field of a layout. Throws `INVALID_ARGUMENT`.
 */
export function unifiedBuffer<Many extends NumberArray>(
  of: NumberArrayType<Many>,
  from: number | ArrayLike<number>,
): UnifiedBuffer<AnyMemory<Many>>;
export function unifiedBuffer<Many>(of: ElementsOf<Many>, from: number | ArrayLike<number>): UnifiedBuffer<Many>;
export function unifiedBuffer(of: unknown, from: number | ArrayLike<number>): UnifiedBuffer<unknown> {
  const elements = elementsOf(of);
  if (elements === undefined) {
    const remedy = "A typed array of numbers, such as Float32Array, or a field of a layout.";
    throw new errors.INVALID_ARGUMENT({ argument: "of", value: of }, { remedy });
  }
  const length = typeof from === "number" ? from : from?.length;
  if (!(Number.isSafeInteger(length) && length >= 0 && length * elements.stride <= MOST_BYTES)) {
    const remedy = "A number of elements, or a list of them; at most 2 GiB.";
    throw new errors.INVALID_ARGUMENT({ argument: "from", value: from }, { remedy });
  }
  noteBuffers();
  const buffer = new SharedBuffer(elements, length, Hold.of(slabs.take(length * elements.stride)));
  if (typeof from === "number") buffer.bytes.fill(0);
  else buffer.write(from);
  return buffer;
}

const MOST_BYTES = 2 ** 31 - 2 ** 16;
