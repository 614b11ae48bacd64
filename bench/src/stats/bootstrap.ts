import { median, quantile } from "./quantile.js";
import { createRandom } from "./random.js";

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * 95 % interval of the median by the percentile bootstrap (Efron, 1979): the medians of `resamples` samples drawn with
 * replacement. Samples of several passes are clusters: passes are drawn first, then as many samples from each (Davison and
 * Hinkley, 1997, 3.8), as what differs between processes is no chance within one. The seed is fixed, so that the same
 * samples always give the same interval.
 */
export function medianInterval(
  samples: readonly number[],
  passes: readonly number[] = [samples.length],
  resamples = 2000,
): Interval {
  const random = createRandom(samples.length);
  let from = 0;
  const clusters = passes
    .map((length) => {
      from += length;
      return samples.slice(from - length, from);
    })
    .filter((cluster) => cluster.length > 0);
  const drawn = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  const medians = Array.from({ length: resamples }, () =>
    median(
      clusters.flatMap(() => {
        const cluster = clusters.length === 1 ? (clusters[0] as readonly number[]) : drawn(clusters);
        return Array.from(cluster, () => drawn(cluster));
      }),
    ),
  );
  return { low: quantile(medians, 0.025), high: quantile(medians, 0.975) };
}
