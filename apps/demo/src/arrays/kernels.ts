import { buffer, defineComputeKernel, defineMessage, f32, struct } from "@ringline/core";

const module = import.meta.url;
/** Ranges are looked for in so many parts. */
const PARTS = 256;

export const RawData = defineMessage("RawData", struct({ values: buffer(f32) }));
export const Normalized = defineMessage("Normalized", struct({ values: buffer(f32) }));
export const ComputeResult = defineMessage("ComputeResult", struct({ mean: f32 }));

/** Values → values from 0 to 1. */
export const preprocess = defineComputeKernel({
  id: "preprocess",
  module,
  kind: "program",
  input: RawData,
  output: Normalized,
  tolerance: 1e-5,
  shape: (m) => ({ values: m.values.length }),
  scratch: { least: { of: f32, length: () => PARTS }, most: { of: f32, length: () => PARTS } },
  host({ values }, out) {
    let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const x of values) {
      if (x < min) min = x;
      if (x > max) max = x;
    }
    for (let i = 0; i < values.length; i++) out.values[i] = ((values[i] as number) - min) / (max - min);
  },
  passes: [
    { entry: "part", elements: () => PARTS },
    { entry: "whole", elements: () => 1, workgroup: 1 },
    { entry: "scale", elements: (m) => m.values.length },
  ],
  wgsl: `fn part(p: u32) {
    var low = values[0];
    var high = values[0];
    for (var i = p; i < arrayLength(&values); i += ${PARTS}u) {
      low = min(low, values[i]);
      high = max(high, values[i]);
    }
    least[p] = low;
    most[p] = high;
  }
  fn whole(_i: u32) {
    for (var p = 1u; p < ${PARTS}u; p++) {
      least[0] = min(least[0], least[p]);
      most[0] = max(most[0], most[p]);
    }
  }
  fn scale(i: u32) { out_values[i] = (values[i] - least[0]) / (most[0] - least[0]); }`,
});

/** Values → their mean. */
export const compute = defineComputeKernel({
  id: "compute",
  module,
  kind: "program",
  input: Normalized,
  output: ComputeResult,
  tolerance: 1e-4,
  shape: () => ({}),
  scratch: { sums: { of: f32, length: () => PARTS } },
  host({ values }) {
    let sum = 0;
    for (const x of values) sum += x;
    return { mean: sum / values.length };
  },
  passes: [
    { entry: "part", elements: () => PARTS },
    { entry: "whole", elements: () => 1, workgroup: 1 },
  ],
  wgsl: `fn part(p: u32) {
    var sum = 0.0;
    for (var i = p; i < arrayLength(&values); i += ${PARTS}u) { sum += values[i]; }
    sums[p] = sum;
  }
  fn whole(_i: u32) {
    var sum = 0.0;
    for (var p = 0u; p < ${PARTS}u; p++) { sum += sums[p]; }
    result.mean = sum / f32(arrayLength(&values));
  }`,
});
