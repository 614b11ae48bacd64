import { defineMessage, f32, i32, struct, u32 } from "@ringline/core";
import {
  type ArrayOf,
  arrayOf,
  type Between,
  define,
  fieldOf,
  type KernelOptions,
  type NumberType,
  PART,
  PARTS,
  partsOf,
} from "./arrays.js";

export const F32Value = defineMessage("F32Value", struct({ value: f32, count: u32 }));
export const U32Value = defineMessage("U32Value", struct({ value: u32, count: u32 }));
export const I32Value = defineMessage("I32Value", struct({ value: i32, count: u32 }));
const VALUES = { f32: F32Value, u32: U32Value, i32: I32Value } as const;

/** Operations on two numbers, in WGSL and on the host. */
export const OPERATIONS = {
  sum: { wgsl: (a: string, b: string) => `${a} + ${b}`, host: (a: number, b: number) => a + b },
  min: { wgsl: (a: string, b: string) => `min(${a}, ${b})`, host: Math.min },
  max: { wgsl: (a: string, b: string) => `max(${a}, ${b})`, host: Math.max },
} as const;
export type Operation = keyof typeof OPERATIONS;

const LARGEST = { f32: 3.4028234663852886e38, u32: 4_294_967_295, i32: 2_147_483_647 } as const;
const SMALLEST = { f32: -LARGEST.f32, u32: 0, i32: -2_147_483_648 } as const;
/** The value that changes no other: 0 for a sum, the largest number of the type for a minimum. */
export const neutralOf = (operation: Operation, of: NumberType): number =>
  operation === "sum" ? 0 : operation === "min" ? LARGEST[of] : SMALLEST[of];

/** A number as a literal of WGSL. */
export function literal(value: number, of: NumberType): string {
  if (of === "u32") return `${value}u`;
  if (of === "i32") return value === SMALLEST.i32 ? "i32(-2147483648)" : `${value}i`;
  return Math.abs(value) === LARGEST.f32 ? `${value < 0 ? "-" : ""}0x1.fffffep+127f` : `f32(${value})`;
}

export interface ReduceOptions<Id extends string, T extends NumberType> extends KernelOptions<Id> {
  /**
   * Type of the numbers.
   *
   * @default "f32"
   */
  readonly of?: T | undefined;
  /**
   * Integers wrap around; sums of floats depend on the order, within `tolerance`.
   *
   * @default "sum"
   */
  readonly operation?: Operation | undefined;
}

/**
 * Reduces an array to one value, and counts its elements. An empty array gives 0 for a sum, the largest number for a
 * minimum, the smallest for a maximum.
 */
export function reduce<const Id extends string, T extends NumberType = "f32">(
  options: ReduceOptions<Id, T>,
): Between<Id, ArrayOf<T>, (typeof VALUES)[T]> {
  const { of = "f32" as T, operation = "sum" } = options;
  const { wgsl, host } = OPERATIONS[operation];
  const neutral = neutralOf(operation, of);
  const zero = literal(neutral, of);
  const finish = `fn finish(i: u32) {
    var sum = ${zero};
    for (var lane = 0u; lane < arrayLength(&sums); lane++) { sum = ${wgsl("sum", "sums[lane]")}; }
    result.value = sum;
    result.count = arrayLength(&values);
  }`;
  return define(options, {
    input: arrayOf(of),
    output: VALUES[of],
    tolerance: of === "f32" ? 1e-5 : 0,
    shape: () => ({}),
    scratch: {
      parts: { of: fieldOf(of), length: partsOf },
      sums: { of: fieldOf(of), length: (m: never) => Math.ceil(partsOf(m) / LANES) },
    },
    passes: [
      { entry: "add", elements: partsOf },
      { entry: "fold", elements: (m: never) => Math.ceil(partsOf(m) / LANES) },
      { entry: "finish", elements: () => 1 },
    ],
    host({ values }: { values: Float32Array }) {
      let value = neutral;
      for (const x of values) value = of === "f32" || operation !== "sum" ? host(value, x) : (value + x) | 0;
      return { value: of === "u32" ? value >>> 0 : value, count: values.length };
    },
    wgsl: `${PART}
    fn add(lane: u32) {
      var sum = ${zero};
      // neighbouring lanes read neighbouring elements
      for (var i = lane; i < arrayLength(&values); i += ${PARTS}u) { sum = ${wgsl("sum", "values[i]")}; }
      parts[lane] = sum;
    }
    fn fold(lane: u32) {
      var sum = ${zero};
      let end = min((lane + 1u) * ${LANES}u, arrayLength(&parts));
      for (var i = lane * ${LANES}u; i < end; i++) { sum = ${wgsl("sum", "parts[i]")}; }
      sums[lane] = sum;
    }
    ${finish}`,
    variants: [
      {
        features: ["subgroups"],
        passes: [
          { entry: "add", elements: partsOf },
          { entry: "all", elements: () => LANES },
        ],
        wgsl: `enable subgroups;
        fn add(lane: u32) {
          var sum = ${zero};
          for (var i = lane; i < arrayLength(&values); i += ${PARTS}u) { sum = ${wgsl("sum", "values[i]")}; }
          parts[lane] = sum;
        }
        @compute @workgroup_size(${LANES})
        fn all(
          @builtin(local_invocation_index) lane: u32,
          @builtin(subgroup_invocation_id) own: u32,
          @builtin(subgroup_size) size: u32,
        ) {
          var sum = ${zero};
          // each subgroup computes all of it, so that no barrier is needed
          for (var i = own; i < arrayLength(&parts); i += min(size, ${LANES}u)) { sum = ${wgsl("sum", "parts[i]")}; }
          sum = subgroup${{ sum: "Add", min: "Min", max: "Max" }[operation]}(sum);
          if (lane == 0u) { result.value = sum; result.count = arrayLength(&values); }
        }`,
      },
    ],
  });
}

const LANES = 64;
