import { errors } from "../errors/ringline-error.js";
import {
  type AnyMemory,
  checkValues,
  type ElementsOf,
  elementsOf,
  type NumberArray,
  type NumberArrayType,
} from "./elements.js";
import { HandleReferences } from "./handle-references.js";
import { enableBuffers } from "./references.js";
import { SharedBuffer } from "./shared-buffer.js";
import { slabs } from "./slab-pool.js";
import type { UnifiedBuffer } from "./unified-buffer-types.js";

/**
 * Makes a buffer from the pool of this place: zeroed if `from` is a length, else filled with the values. `of`: the
 * constructor of a typed array, or the field of a layout. Throws `INVALID_ARGUMENT`.
 *
 * @example
 * using samples = unifiedBuffer(f32, [1, 2, 3]);
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
  if (typeof from !== "number") checkValues(from, elements, "from");
  const length = typeof from === "number" ? from : from.length;
  if (!(Number.isSafeInteger(length) && length >= 0 && length * elements.stride <= MOST_BYTES)) {
    const remedy = "A number of elements, or a list of them; at most 2 GiB.";
    throw new errors.INVALID_ARGUMENT({ argument: "from", value: from }, { remedy });
  }
  enableBuffers();
  const buffer = new SharedBuffer(elements, length, HandleReferences.of(slabs.take(length * elements.stride)));
  if (typeof from === "number") buffer.bytes.fill(0);
  else buffer.write(from);
  return buffer;
}

/** Maximum number of bytes of a buffer. */
export const MOST_BYTES = 2 ** 31 - 2 ** 16;
