import type { SubjectReport } from "../report/report.js";
import { median } from "../stats/quantile.js";

/**
 * Standard deviation, in logarithms, of the medians of two processes that measure the same: compiled code and memory
 * layout differ from start to start. `calibrate` measures it.
 */
export const BETWEEN_PROCESSES = 0.05;
const RESAMPLES = 200;

export interface Change {
  /** The logarithm of the later figure divided by the earlier one. */
  readonly log: number;
  /** Standard error of the change. */
  readonly error: number;
}

/** From the ratios to the reference of both, pass by pass. Both have samples. */
export function changeOf(before: SubjectReport, after: SubjectReport, random: () => number): Change {
  const [old, now] = [passesOf(before), passesOf(after)];
  const error = Math.hypot(errorOf(old, random), errorOf(now, random));
  return { log: middleOf(now) - middleOf(old), error };
}

/** Logarithms of the ratios, by pass. */
export function passesOf({ ratio, passes }: SubjectReport): number[][] {
  const logs = (ratio?.samples ?? []).map(Math.log);
  let from = 0;
  const byPass = passes.map((length) => {
    from += length;
    return logs.slice(from - length, from);
  });
  return byPass.filter((pass) => pass.length > 0);
}

/** The mean of the medians of the passes. */
function middleOf(passes: readonly (readonly number[])[]): number {
  return passes.reduce((sum, pass) => sum + median(pass), 0) / passes.length;
}

/**
 * The standard error of that: pairs within a pass by the bootstrap, passes among each other by how far they lie apart,
 * but never less than processes are known to.
 */
function errorOf(passes: readonly (readonly number[])[], random: () => number): number {
  const within = passes.map((pass) => {
    const medians = Array.from({ length: RESAMPLES }, () =>
      median(Array.from(pass, () => pass[Math.floor(random() * pass.length)] as number)),
    );
    return deviation(medians);
  });
  const medians = passes.map((pass) => median(pass));
  const apart = Math.max(BETWEEN_PROCESSES, passes.length > 1 ? deviation(medians) : 0);
  return Math.hypot(Math.hypot(...within) / passes.length, apart / Math.sqrt(passes.length));
}

/** The standard deviation of a sample. */
export function deviation(samples: readonly number[]): number {
  const mean = samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
  return Math.sqrt(samples.reduce((sum, sample) => sum + (sample - mean) ** 2, 0) / Math.max(1, samples.length - 1));
}
