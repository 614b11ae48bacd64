import type { Summary } from "../stats/summary.js";

export type Wanted = { readonly atLeast: number } | { readonly atMost: number };

/** A line of what was measured beside what is wanted, where something is. */
export function printRow(name: string, wanted: Wanted | undefined, { median, interval: { low, high } }: Summary): void {
  const figure = `${median.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
  if (wanted === undefined) {
    console.log(`        ${name.padEnd(60)} ${figure}`);
    return;
  }
  const isMet = "atLeast" in wanted ? median >= wanted.atLeast : median <= wanted.atMost;
  const limit = "atLeast" in wanted ? `at least ${wanted.atLeast}` : `at most ${wanted.atMost}`;
  console.log(`${isMet ? "met   " : "missed"}  ${name.padEnd(60)} ${figure.padEnd(24)} wanted ${limit}`);
}
