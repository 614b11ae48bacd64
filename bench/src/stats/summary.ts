import { type Interval, medianInterval } from "./bootstrap.js";
import { median, quantile } from "./quantile.js";

/** Summary of many measurements: the middle, their spread, and the uncertainty of the middle. */
export interface Summary {
  readonly median: number;
  /** The middle half of the samples. */
  readonly quartiles: Interval;
  /** 95 % interval of the median. */
  readonly interval: Interval;
  /** In the order in which they were taken. */
  readonly samples: readonly number[];
}

/** `passes`: how many of the samples are of each process that took them. Default: one took all. */
export function summarise(samples: readonly number[], passes: readonly number[] = [samples.length]): Summary {
  return {
    median: median(samples),
    quartiles: { low: quantile(samples, 0.25), high: quantile(samples, 0.75) },
    interval: medianInterval(samples, passes),
    samples,
  };
}
