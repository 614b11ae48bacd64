import {
  type ArrayOf,
  arrayOf,
  type Between,
  define,
  fieldOf,
  type KernelOptions,
  lengthOf,
  type NumberType,
  PART,
  PARTS,
  partsOf,
} from "./arrays.js";

/** Number of parts that one lane adds up. */
const GROUP = 64;

/**
 * Passes that turn the scratch buffer `parts` into the sums of all parts before each: by groups, kept in the scratch
 * buffer `groups`, as one lane alone would take too long.
 */
export const sumsOfParts = (count: (message: never) => number) => [
  { entry: "add_groups", elements: (message: never) => Math.ceil(count(message) / GROUP) },
  { entry: "scan_groups", elements: () => 1 },
  { entry: "scan_parts", elements: (message: never) => Math.ceil(count(message) / GROUP) },
];
export const groupsOf = (parts: number): number => Math.ceil(parts / GROUP);

/** WGSL of `sumsOfParts`; `of` is the type of the parts. */
export const sumsText = (of: NumberType) => `fn add_groups(group: u32) {
    var sum = ${of}(0);
    let end = min((group + 1u) * ${GROUP}u, arrayLength(&parts));
    for (var i = group * ${GROUP}u; i < end; i++) { sum += parts[i]; }
    groups[group] = sum;
  }
  fn scan_groups(i: u32) {
    var sum = ${of}(0);
    for (var group = 0u; group < arrayLength(&groups); group++) {
      let own = groups[group];
      groups[group] = sum;
      sum += own;
    }
  }
  fn scan_parts(group: u32) {
    var sum = groups[group];
    let end = min((group + 1u) * ${GROUP}u, arrayLength(&parts));
    for (var i = group * ${GROUP}u; i < end; i++) {
      let own = parts[i];
      parts[i] = sum;
      sum += own;
    }
  }`;

export interface ScanOptions<Id extends string, T extends NumberType> extends KernelOptions<Id> {
  /**
   * Type of the numbers. Integers wrap around.
   *
   * @default "f32"
   */
  readonly of?: T | undefined;
  /**
   * "inclusive": each sum contains its own number; "exclusive": it ends before it.
   *
   * @default "inclusive"
   */
  readonly kind?: "inclusive" | "exclusive" | undefined;
}

/** Running sums of an array. */
export function scan<const Id extends string, T extends NumberType = "f32">(
  options: ScanOptions<Id, T>,
): Between<Id, ArrayOf<T>, ArrayOf<T>> {
  const { of = "f32" as T, kind = "inclusive" } = options;
  const isInclusive = kind === "inclusive";
  return define(options, {
    input: arrayOf(of),
    output: arrayOf(of),
    tolerance: of === "f32" ? 1e-4 : 0,
    shape: (message: never) => ({ values: lengthOf(message) }),
    scratch: {
      parts: { of: fieldOf(of), length: partsOf },
      groups: { of: fieldOf(of), length: (message: never) => groupsOf(partsOf(message)) },
    },
    passes: [{ entry: "add", elements: partsOf }, ...sumsOfParts(partsOf), { entry: "finish", elements: partsOf }],
    host({ values }: { values: Float32Array }, out: { values: Float32Array }) {
      let sum = 0;
      for (const [i, x] of values.entries()) {
        if (!isInclusive) out.values[i] = sum;
        sum = of === "f32" ? sum + x : (sum + x) | 0;
        if (isInclusive) out.values[i] = sum;
      }
    },
    wgsl: `${PART}
    fn add(lane: u32) {
      let part = part_of(lane, arrayLength(&values));
      var sum = ${of}(0);
      for (var i = part.begin; i < part.end; i++) { sum += values[i]; }
      parts[lane] = sum;
    }
    ${sumsText(of)}
    fn finish(lane: u32) {
      let part = part_of(lane, arrayLength(&values));
      var sum = parts[lane];
      for (var i = part.begin; i < part.end; i++) {
        ${isInclusive ? "sum += values[i]; out_values[i] = sum;" : "out_values[i] = sum; sum += values[i];"}
      }
    }`,
  });
}

export interface CompactOptions<Id extends string, T extends NumberType> extends KernelOptions<Id> {
  /**
   * Type of the numbers.
   *
   * @default "f32"
   */
  readonly of?: T | undefined;
  /** True for the numbers to keep. */
  readonly host: (x: number) => boolean;
  /** WGSL of `fn keep(x: f32) -> bool`, with the type of `of`. */
  readonly wgsl: string;
}

/** Keeps the numbers for which a function returns true, in order. */
export function compact<const Id extends string, T extends NumberType = "f32">(
  options: CompactOptions<Id, T>,
): Between<Id, ArrayOf<T>, ArrayOf<T>> {
  const { of = "f32" as T, host, wgsl } = options;
  return define(options, {
    input: arrayOf(of),
    output: arrayOf(of),
    counters: ["values"],
    shape: (message: never) => ({ values: lengthOf(message) }),
    scratch: {
      parts: { of: fieldOf("u32"), length: partsOf },
      groups: { of: fieldOf("u32"), length: (message: never) => groupsOf(partsOf(message)) },
    },
    passes: [{ entry: "count", elements: partsOf }, ...sumsOfParts(partsOf), { entry: "place", elements: partsOf }],
    host({ values }: { values: Float32Array }, out: { values: Float32Array }) {
      const kept = values.filter((x) => host(x));
      out.values.set(kept);
      return { values: kept.length };
    },
    wgsl: `${wgsl}
    ${PART}
    fn count(lane: u32) {
      let part = part_of(lane, arrayLength(&values));
      for (var i = part.begin; i < part.end; i++) { parts[lane] += u32(keep(values[i])); }
    }
    ${sumsText("u32")}
    fn place(lane: u32) {
      let part = part_of(lane, arrayLength(&values));
      var at = parts[lane];
      for (var i = part.begin; i < part.end; i++) {
        if (keep(values[i])) { out_values[at] = values[i]; at++; }
      }
      if (lane == min(${PARTS}u, arrayLength(&values)) - 1u) { atomicStore(&counts.values, at); }
    }`,
  });
}
