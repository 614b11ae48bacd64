import type { Report, SubjectReport, WorkloadReport } from "../report/report.js";
import { normalQuantile } from "../stats/normal-quantile.js";
import { createRandom } from "../stats/random.js";
import { changeOf } from "./change.js";
import { type ComparedCount, compareCounts } from "./compare-counts.js";

export type Verdict = "slower" | "faster" | "same" | "unclear";

/** One subject of one workload, in both reports. */
export interface ComparedRow {
  readonly workload: string;
  readonly subject: string;
  /**
   * Factor of the slowdown: below 1 is faster. Both sides are ratios to their reference, so that the machine cancels
   * out.
   */
  readonly slowdown: number;
  /** Lower bound of the slowdown, corrected for the number of rows that are compared. */
  readonly low: number;
  readonly high: number;
  /** "unclear": the interval holds changes beyond the threshold, and none at all. */
  readonly verdict: Verdict;
}

export interface ComparedReports {
  readonly rows: readonly ComparedRow[];
  /** Counts that no clock measures. */
  readonly counts: readonly ComparedCount[];
  /** Rows that only one of them has, or that were measured in another way. */
  readonly incomparable: readonly string[];
  /** Other differences of the two runs: machine, versions, parameters. */
  readonly warnings: readonly string[];
}

/** The chance that any row of a report compared with itself is called slower or faster. */
const MISTAKES = 0.05;

/**
 * Returns the changes beyond noise: the interval of the change excludes 1, and the change is larger than `threshold`, a
 * share. Rows that measure the reference itself are left out.
 */
export function compareReports(before: Report, after: Report, threshold: number): ComparedReports {
  const incomparable: string[] = [];
  const both: { readonly workload: WorkloadReport; readonly before: SubjectReport; readonly after: SubjectReport }[] =
    [];
  const [rowsBefore, rowsAfter] = [rowsOf(before), rowsOf(after)];
  for (const [key, old] of rowsBefore) {
    const now = rowsAfter.get(key);
    if (now === undefined) incomparable.push(`${key}: only before`);
    else if (now.workload.title !== old.workload.title) incomparable.push(`${key}: measured in another way`);
    else both.push({ workload: old.workload, before: old.subject, after: now.subject });
  }
  for (const key of rowsAfter.keys()) if (!rowsBefore.has(key)) incomparable.push(`${key}: only after`);

  const reach = normalQuantile(1 - MISTAKES / (2 * Math.max(1, both.length)));
  const rows = both.map(({ workload, before: old, after: now }): ComparedRow => {
    const sign = workload.better === "lower" ? 1 : -1;
    const { log, error } = changeOf(old, now, createRandom(both.length));
    const [slowdown, one, other] = [0, -reach, reach].map((step) => Math.exp(sign * (log + step * error))) as [
      number,
      number,
      number,
    ];
    const [low, high] = [Math.min(one, other), Math.max(one, other)];
    return {
      workload: workload.name,
      subject: old.name,
      slowdown,
      low,
      high,
      verdict: verdictOf(slowdown, low, high, threshold),
    };
  });
  const counts = compareCounts(before.counts, after.counts);
  return { rows, counts, incomparable, warnings: warningsOf(before, after) };
}

function verdictOf(slowdown: number, low: number, high: number, threshold: number): Verdict {
  if (low > 1 && slowdown > 1 + threshold) return "slower";
  if (high < 1 && slowdown < 1 / (1 + threshold)) return "faster";
  return high > 1 + threshold || low < 1 / (1 + threshold) ? "unclear" : "same";
}

function rowsOf({ workloads }: Report) {
  return new Map(
    workloads.flatMap((workload) =>
      workload.subjects
        .filter(({ name, ratio }) => name !== workload.reference && ratio !== null)
        .map((subject) => [`${workload.name}, ${subject.name}`, { workload, subject }] as const),
    ),
  );
}

function warningsOf(before: Report, after: Report): string[] {
  const warnings = [];
  for (const [what, one, other] of [
    [
      "machine",
      `${before.machine.cpu}, ${before.machine.cores} cores`,
      `${after.machine.cpu}, ${after.machine.cores} cores`,
    ],
    ["node", before.node, after.node],
    ["adapter", before.adapter, after.adapter],
    ["passes", before.passes, after.passes],
  ] as const) {
    if (one !== other) warnings.push(`another ${what}: ${one}, then ${other}`);
  }
  if (Math.min(before.passes, after.passes) < 3) warnings.push("fewer than three passes: small changes stay unclear");
  return warnings;
}
