import type { Summary } from "../stats/summary.js";

/** Cores that others may keep busy, as a share of all. */
const OTHERS = 0.1;
/** How far the 95 % interval of a ratio may reach from its median, as a share of it. */
const WIDTH = 0.25;

export interface Circumstances {
  /** Cores that others kept busy. */
  readonly others: number;
  readonly cores: number;
  readonly steady: boolean;
}

/** Why a figure should not be trusted, from how the machine was. */
export function noiseOfMachine({ others, cores, steady }: Circumstances): string[] {
  const reasons = [];
  if (others > OTHERS * cores) reasons.push(`others used ${others.toFixed(1)} of ${cores} cores`);
  if (!steady) reasons.push("never steady");
  return reasons;
}

/** The same, from how far the figures lie apart. */
export function noiseOfRatio(ratio: Summary | null): string[] {
  if (ratio === null) return [];
  const { median, interval } = ratio;
  const reach = Math.max(interval.high - median, median - interval.low) / median;
  return reach > WIDTH ? [`interval reaches ${(reach * 100).toFixed(0)} %`] : [];
}
