import {
  type ArrayOf,
  arrayOf,
  type Between,
  define,
  type KernelOptions,
  lengthOf,
  type NumberType,
} from "./arrays.js";

export interface EachOptions<Id extends string, T extends NumberType, U extends NumberType> extends KernelOptions<Id> {
  /**
   * Type of the numbers.
   *
   * @default "f32"
   */
  readonly of?: T | undefined;
  /**
   * Type of the results.
   *
   * @default that of the numbers
   */
  readonly to?: U | undefined;
  readonly host: (x: number, index: number) => number;
  /** WGSL of `fn each(x: f32, i: u32) -> f32`, with the types of `of` and `to`. */
  readonly wgsl: string;
  readonly tolerance?: number | undefined;
}

/** Applies a function to each number of an array. */
export function map<const Id extends string, T extends NumberType = "f32", U extends NumberType = T>(
  options: EachOptions<Id, T, U>,
): Between<Id, ArrayOf<T>, ArrayOf<U>> {
  const { of = "f32", to = of, host, wgsl, tolerance = 0 } = options;
  return define(options, {
    input: arrayOf(of),
    output: arrayOf(to),
    tolerance,
    shape: (message: never) => ({ values: lengthOf(message) }),
    passes: [{ entry: "ringline_each", elements: lengthOf }],
    host({ values }: { values: number[] }, out: { values: number[] }) {
      for (const [i, x] of values.entries()) out.values[i] = host(x, i);
    },
    wgsl: `${wgsl}\nfn ringline_each(i: u32) { out_values[i] = each(values[i], i); }`,
  });
}
