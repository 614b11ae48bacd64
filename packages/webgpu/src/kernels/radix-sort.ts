import { buffer, defineMessage, f32, i32, struct, u32 } from "@ringline/core";
import {
  type ArrayOf,
  arrayOf,
  type Between,
  define,
  fieldOf,
  type KernelOptions,
  lengthOf,
  type NumberType,
} from "./arrays.js";
import { groupsOf, sumsOfParts, sumsText } from "./scan.js";

/** Sorted numbers, and the index that each had in the input. */
export const SortedF32 = defineMessage("SortedF32", struct({ values: buffer(f32), order: buffer(u32) }));
export const SortedU32 = defineMessage("SortedU32", struct({ values: buffer(u32), order: buffer(u32) }));
export const SortedI32 = defineMessage("SortedI32", struct({ values: buffer(i32), order: buffer(u32) }));
const SORTED = { f32: SortedF32, u32: SortedU32, i32: SortedI32 } as const;

/** Bits that one round sorts by, and their number of values. */
const [BITS, DIGITS] = [4, 16];
/** Number of lanes, each of which keeps the order of its own part. */
const LANES = 512;
const lanesOf = (message: never) => Math.min(LANES, lengthOf(message));

/** WGSL of a key whose unsigned order is that of the numbers. */
const KEYS = {
  f32: "let bits = bitcast<u32>(x); return bits ^ select(0x80000000u, 0xffffffffu, bits >= 0x80000000u);",
  u32: "return x;",
  i32: "return bitcast<u32>(x) ^ 0x80000000u;",
} as const;

function keysOf(values: Float32Array | Uint32Array | Int32Array): Uint32Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  if (values instanceof Float32Array) return bits.map((x) => (x >= 0x8000_0000 ? ~x : x ^ 0x8000_0000) >>> 0);
  return values instanceof Int32Array ? bits.map((x) => (x ^ 0x8000_0000) >>> 0) : bits.slice();
}

export interface SortOptions<Id extends string, T extends NumberType> extends KernelOptions<Id> {
  /**
   * Type of the numbers.
   *
   * @default "f32"; floats are in the order of IEEE 754, -0 before 0
   */
  readonly of?: T | undefined;
  /**
   * Equal numbers keep their order in either direction.
   *
   * @default "ascending"
   */
  readonly direction?: "ascending" | "descending" | undefined;
}

/** Sorts an array by four bits at a time; also returns the order of the input's elements. */
export function radixSort<const Id extends string, T extends NumberType = "f32">(
  options: SortOptions<Id, T>,
): Between<Id, ArrayOf<T>, (typeof SORTED)[T]> {
  const { of = "f32" as T, direction = "ascending" } = options;
  return sort(options, of, direction === "descending", lengthOf);
}

export interface TopOptions<Id extends string, T extends NumberType> extends KernelOptions<Id> {
  /**
   * Type of the numbers.
   *
   * @default "f32"
   */
  readonly of?: T | undefined;
  /** Number of elements to keep, at least 1; a shorter array is kept as a whole. */
  readonly k: number;
}

/** The largest numbers of an array, in descending order, and their indexes. Of equal numbers the first come first. */
export function topK<const Id extends string, T extends NumberType = "f32">(
  options: TopOptions<Id, T>,
): Between<Id, ArrayOf<T>, (typeof SORTED)[T]> {
  const { of = "f32" as T, k } = options;
  return sort(options, of, true, (message) => Math.min(k, lengthOf(message)));
}

function sort<K>(
  options: KernelOptions<string>,
  of: NumberType,
  isDown: boolean,
  count: (message: never) => number,
): K {
  const table = (message: never) => DIGITS * lanesOf(message);
  return define(options, {
    input: arrayOf(of),
    output: SORTED[of],
    shape: (message: never) => ({ values: count(message), order: count(message) }),
    scratch: {
      // two halves, of which each round reads one and writes the other
      keys: { of: fieldOf("u32"), length: (message: never) => 2 * lengthOf(message) },
      places: { of: fieldOf("u32"), length: (message: never) => 2 * lengthOf(message) },
      parts: { of: fieldOf("u32"), length: table },
      groups: { of: fieldOf("u32"), length: (message: never) => groupsOf(table(message)) },
    },
    passes: [
      { entry: "load", elements: lengthOf },
      {
        loop: [{ entry: "count", elements: lanesOf }, ...sumsOfParts(table), { entry: "place", elements: lanesOf }],
        most: () => 32 / BITS,
      },
      { entry: "finish", elements: count },
    ],
    host({ values }: { values: Float32Array }, out: { values: Float32Array; order: Uint32Array }) {
      const keys = keysOf(values);
      const sign = isDown ? -1 : 1;
      const order = Uint32Array.from(keys.keys()).sort((a, b) => sign * ((keys[a] ?? 0) - (keys[b] ?? 0)) || a - b);
      out.order.set(order.subarray(0, out.order.length));
      for (const [i, from] of out.order.entries()) out.values[i] = values[from] ?? 0;
    },
    wgsl: `fn key_of(x: ${of}) -> u32 { ${KEYS[of]} }
    fn load(i: u32) {
      keys[i] = ${isDown ? "~" : ""}key_of(values[i]);
      places[i] = i;
    }
    fn lanes() -> u32 { return min(${LANES}u, arrayLength(&values)); }
    fn begin(lane: u32) -> u32 {
      let n = arrayLength(&values);
      return min(lane * ((n + lanes() - 1u) / lanes()), n);
    }
    fn digit(round: u32, i: u32) -> u32 {
      return (keys[(round & 1u) * arrayLength(&values) + i] >> (${BITS}u * round)) & ${DIGITS - 1}u;
    }
    fn count(lane: u32, round: u32) {
      var own: array<u32, ${DIGITS}>;
      for (var i = begin(lane); i < begin(lane + 1u); i++) { own[digit(round, i)]++; }
      for (var d = 0u; d < ${DIGITS}u; d++) { parts[d * lanes() + lane] = own[d]; }
    }
    ${sumsText("u32")}
    fn place(lane: u32, round: u32) {
      let n = arrayLength(&values);
      let old = (round & 1u) * n;
      var next: array<u32, ${DIGITS}>;
      for (var d = 0u; d < ${DIGITS}u; d++) { next[d] = parts[d * lanes() + lane]; }
      for (var i = begin(lane); i < begin(lane + 1u); i++) {
        let d = digit(round, i);
        keys[n - old + next[d]] = keys[old + i];
        places[n - old + next[d]] = places[old + i];
        next[d]++;
      }
    }
    fn finish(i: u32) {
      order[i] = places[i];
      out_values[i] = values[places[i]];
    }`,
  });
}
