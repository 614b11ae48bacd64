/** Values of which the largest is known exactly and the others within 1 %; it can be put together with others and travel as JSON. */
export interface Histogram {
  readonly count: number;
  readonly max: number;
  /** Index and count of each bucket that holds something, by index; bucket `i` ends at 1.01 to the power of `i`. */
  readonly buckets: readonly (readonly [index: number, count: number])[];
}

const WIDTH = Math.log(1.01);
/** Values beyond a percentile that it takes to tell it. */
const BEYOND = 10;
const SHARES = { p50: 0.5, p90: 0.9, p99: 0.99, "p99.9": 0.999 } as const;

export function histogramOf(values: Iterable<number>): Histogram {
  const counts = new Map<number, number>();
  let count = 0;
  let max = 0;
  for (const value of values) {
    const index = value <= 1 ? 0 : Math.ceil(Math.log(value) / WIDTH);
    counts.set(index, (counts.get(index) ?? 0) + 1);
    count++;
    if (value > max) max = value;
  }
  return { count, max, buckets: [...counts].sort(([a], [b]) => a - b) };
}

/** All of them as one: a stall in any shows in the whole. Null where there is none. */
export function mergeHistograms(some: readonly (Histogram | null | undefined)[]): Histogram | null {
  const all = some.filter((one) => one !== null && one !== undefined);
  if (all.length === 0) return null;
  const counts = new Map<number, number>();
  for (const { buckets } of all) for (const [index, n] of buckets) counts.set(index, (counts.get(index) ?? 0) + n);
  return {
    count: all.reduce((sum, { count }) => sum + count, 0),
    max: Math.max(...all.map(({ max }) => max)),
    buckets: [...counts].sort(([a], [b]) => a - b),
  };
}

/** The percentiles that so many values can tell, and the largest value. */
export function percentilesOf(histogram: Histogram): Readonly<Record<string, number>> {
  const { count, max, buckets } = histogram;
  const at = (share: number): number => {
    let left = Math.ceil(share * count);
    for (const [index, n] of buckets) {
      left -= n;
      if (left <= 0) return Math.min(max, Math.exp(index * WIDTH));
    }
    return max;
  };
  const told = Object.entries(SHARES).filter(([, share]) => share === 0.5 || count * (1 - share) >= BEYOND);
  return { ...Object.fromEntries(told.map(([name, share]) => [name, at(share)])), max };
}
