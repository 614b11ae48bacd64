export { type ArrayOf, F32Array, I32Array, type KernelOptions, type NumberType, U32Array } from "./kernels/arrays.js";
export { type ConvolveOptions, convolve, Plane } from "./kernels/convolve.js";
export { Complex, type FftOptions, fft } from "./kernels/fft.js";
export { Histogram, type HistogramOptions, histogram } from "./kernels/histogram.js";
export { Clusters, type KMeansOptions, kMeansStep, Points } from "./kernels/k-means.js";
export { type EachOptions, map } from "./kernels/map.js";
export { Matrices, Matrix, matmul } from "./kernels/matmul.js";
export {
  radixSort,
  SortedF32,
  SortedI32,
  SortedU32,
  type SortOptions,
  type TopOptions,
  topK,
} from "./kernels/radix-sort.js";
export { F32Value, I32Value, type Operation, type ReduceOptions, reduce, U32Value } from "./kernels/reduce.js";
export { type CompactOptions, compact, type ScanOptions, scan } from "./kernels/scan.js";
