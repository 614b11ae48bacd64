import { formatNumber, formatTable } from "../report/format.js";
import type { ComparedCount } from "./compare-counts.js";
import type { ComparedReports, ComparedRow } from "./compare-reports.js";

/** Renders a comparison as text. */
export function renderComparison(compared: ComparedReports, threshold: number): string {
  const { rows, counts, incomparable, warnings } = compared;
  const count = (verdict: ComparedRow["verdict"]) => rows.filter((row) => row.verdict === verdict);
  const [slower, faster, unclear, same] = [count("slower"), count("faster"), count("unclear"), count("same")];
  const sections = [
    ...warnings.map((warning) => `Careful: ${warning}`),
    countTable("A message takes more", counts, "more"),
    countTable("A message takes less", counts, "less"),
    table(`Slower by more than ${percent(threshold)}`, slower),
    table(`Faster by more than ${percent(threshold)}`, faster),
    table("Too noisy to tell", unclear),
    incomparable.length === 0 ? "" : `Not compared\n${incomparable.map((row) => `  ${row}`).join("\n")}`,
    `${slower.length} slower, ${faster.length} faster, ${same.length} the same, ${unclear.length} too noisy to tell`,
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function countTable(title: string, counts: readonly ComparedCount[], verdict: ComparedCount["verdict"]): string {
  const found = counts.filter((count) => count.verdict === verdict);
  if (found.length === 0) return "";
  const cells = found.map(({ subject, counted, before, after }) => [
    `${subject}, ${counted}`,
    formatNumber(before),
    formatNumber(after),
  ]);
  return `${title}\n${formatTable([["", "before", "after"], ...cells])}`;
}

const percent = (share: number) => `${(share * 100).toFixed(0)} %`;

function table(title: string, rows: readonly ComparedRow[]): string {
  if (rows.length === 0) return "";
  const cells = [...rows]
    .sort((a, b) => b.slowdown - a.slowdown)
    .map(({ workload, subject, slowdown, low, high }) => [
      `${workload}, ${subject}`,
      slowdown.toFixed(2),
      `${low.toFixed(2)} – ${high.toFixed(2)}`,
    ]);
  return `${title}\n${formatTable([["", "times slower", "interval"], ...cells])}`;
}
