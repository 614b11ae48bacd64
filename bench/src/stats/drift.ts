import { median } from "./quantile.js";

/** A standard normal deviate that chance exceeds once in twenty times, and once in a hundred: five that rise one by one. */
const SOME = 1.64;
const CERTAIN = 2.2;

/**
 * Returns the trend of ratios: the slope of their logarithms after Theil and Sen, and its distance from chance by the
 * test of Mann and Kendall. Noise scatters without a trend; a warm-up has one.
 */
function driftOf(ratios: readonly number[]): { readonly share: number; readonly deviate: number } {
  const logs = ratios.map(Math.log);
  const n = logs.length;
  const slopes: number[] = [];
  let sum = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const rise = logs[j]! - logs[i]!;
      slopes.push(rise / (j - i));
      sum += Math.sign(rise);
    }
  }
  const spread = Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const deviate = Math.max(0, Math.abs(sum) - 1) / spread;
  return { share: slopes.length === 0 ? 0 : Math.expm1(Math.abs(median(slopes)) * (n - 1)), deviate };
}

/** Ratios that a warm-up looks at, and how many it needs. */
const LAST = 6;
const LEAST = 4;

/** True where the latest ratios go nowhere by more than 5 %: what was warming up has warmed up. */
export function isWarm(ratios: readonly number[]): boolean {
  const last = ratios.slice(-LAST);
  if (last.length < LEAST) return false;
  const { share, deviate } = driftOf(last);
  return share <= 0.05 || deviate <= SOME;
}

/** True where all of them went one way for certain, by more than a tenth. */
export function isDrifting(ratios: readonly number[]): boolean {
  const { share, deviate } = driftOf(ratios);
  return share > 0.1 && deviate > CERTAIN;
}
