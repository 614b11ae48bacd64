import type { Latency } from "./telemetry.js";

/** Buckets in each power of two: a percentile is off by at most 1/32 of its value. */
const SUB_BUCKETS = 16;
const EXPONENTS = 40;
/** Finest difference, in milliseconds: one tenth of a microsecond. */
const UNIT = 1e-4;

/**
 * Latencies in logarithmic buckets, each power of two cut into equal parts, as HdrHistogram does (Gil Tene,
 * http://hdrhistogram.org). Memory is the same however many values there are.
 */
export class Histogram {
  /** Made with the first value: most kernels of a large program are idle. */
  #counts: Float64Array | undefined;
  #count = 0;
  #max = 0;

  /** Milliseconds, 0 or more. */
  record(value: number): void {
    this.#counts ??= new Float64Array(EXPONENTS * SUB_BUCKETS);
    this.#counts[bucketOf(Math.max(0, value) / UNIT)]!++;
    this.#count++;
    if (value > this.#max) this.#max = value;
  }

  /** Percentiles of what was recorded, in milliseconds; zeros when nothing was. */
  latency(): Latency {
    return { p50: this.#percentile(0.5), p90: this.#percentile(0.9), p99: this.#percentile(0.99), max: this.#max };
  }

  #percentile(share: number): number {
    let left = Math.ceil(this.#count * share);
    if (left === 0 || this.#counts === undefined) return 0;
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      left -= this.#counts[bucket]!;
      if (left <= 0) return Math.min(middleOf(bucket) * UNIT, this.#max);
    }
    return this.#max;
  }
}

function bucketOf(units: number): number {
  if (units < SUB_BUCKETS) return Math.floor(units);
  const exponent = Math.floor(Math.log2(units)) - Math.log2(SUB_BUCKETS);
  const part = Math.floor(units / 2 ** exponent) - SUB_BUCKETS;
  return Math.min((exponent + 1) * SUB_BUCKETS + part, EXPONENTS * SUB_BUCKETS - 1);
}

function middleOf(bucket: number): number {
  if (bucket < SUB_BUCKETS) return bucket + 0.5;
  const exponent = Math.floor(bucket / SUB_BUCKETS) - 1;
  return (SUB_BUCKETS + (bucket % SUB_BUCKETS) + 0.5) * 2 ** exponent;
}
