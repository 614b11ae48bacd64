import { atomic, buffer, defineMessage, struct, u32 } from "@ringline/core";
import { type Between, define, F32Array, type KernelOptions, lengthOf } from "./arrays.js";

/** Number of values in each bin. */
export const Histogram = defineMessage("Histogram", struct({ bins: buffer(atomic(u32)) }));

export interface HistogramOptions<Id extends string> extends KernelOptions<Id> {
  /** Number of bins of equal size, at least 1. */
  readonly bins: number;
  /** Start of the first bin, and end of the last one, which does not belong to it. */
  readonly min: number;
  readonly max: number;
}

/** Counts the numbers of an array in bins; numbers outside all bins, and NaN, are not counted. */
export function histogram<const Id extends string>(
  options: HistogramOptions<Id>,
): Between<Id, typeof F32Array, typeof Histogram> {
  const { bins, min, max } = options;
  // both bodies compute in single precision, so that they agree at the edges of bins
  const from = Math.fround(min);
  const scale = Math.fround(bins / (max - min));
  return define(options, {
    input: F32Array,
    output: Histogram,
    constants: { BINS: bins, MIN: from, SCALE: scale },
    shape: () => ({ bins }),
    passes: [{ entry: "sort_in", elements: lengthOf }],
    host({ values }: { values: Float32Array }, out: { bins: Uint32Array }) {
      for (const x of values) {
        const place = Math.fround(Math.fround(x - from) * scale);
        if (place >= 0 && place < bins) out.bins[Math.floor(place)] = (out.bins[Math.floor(place)] ?? 0) + 1;
      }
    },
    wgsl: `override BINS: u32;
    override MIN: f32;
    override SCALE: f32;
    fn sort_in(i: u32) {
      let place = (values[i] - MIN) * SCALE;
      if (place >= 0.0 && place < f32(BINS)) { atomicAdd(&bins[u32(place)], 1u); }
    }`,
  });
}
