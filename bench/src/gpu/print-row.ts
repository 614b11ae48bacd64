import type { Summary } from "../stats/summary.js";

export type Wanted = { readonly atLeast: number } | { readonly atMost: number };

/** A line of what was measured beside what is wanted. */
export function printRow(name: string, wanted: Wanted, { median, interval: { low, high } }: Summary): void {
  const isMet = "atLeast" in wanted ? median >= wanted.atLeast : median <= wanted.atMost;
  const limit = "atLeast" in wanted ? `at least ${wanted.atLeast}` : `at most ${wanted.atMost}`;
  const figure = `${median.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
  console.log(`${isMet ? "met   " : "missed"}  ${name.padEnd(60)} ${figure.padEnd(24)} wanted ${limit}`);
}
