import { median } from "./quantile.js";

/** Measurements that must agree. */
const LAST = 3;
/** How far they may lie apart, as a share of their median. */
const SPREAD = 0.2;

/** Whether the last figures lie close together: what was warming up has warmed up. */
export function isSteady(figures: readonly number[]): boolean {
  if (figures.length < LAST) return false;
  const last = figures.slice(-LAST);
  return Math.max(...last) - Math.min(...last) <= SPREAD * Math.abs(median(last));
}
