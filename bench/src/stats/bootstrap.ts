import { median, quantile } from "./quantile.js";
import { createRandom } from "./random.js";

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * 95 % interval of the median by the percentile bootstrap (Efron, 1979): the medians of `resamples` samples drawn with
 * replacement. The seed is fixed, so that the same samples always give the same interval.
 */
export function medianInterval(samples: readonly number[], resamples = 2000): Interval {
  const random = createRandom(samples.length);
  const medians = Array.from({ length: resamples }, () =>
    median(Array.from(samples, () => samples[Math.floor(random() * samples.length)]!)),
  );
  return { low: quantile(medians, 0.025), high: quantile(medians, 0.975) };
}
