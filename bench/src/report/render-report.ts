import type { Interval } from "../stats/bootstrap.js";
import { formatGrowth, formatNumber, formatTable } from "./format.js";
import type { Report, SubjectReport, WorkloadReport } from "./report.js";
import type { Target } from "./target.js";

/** The report as a person reads it. */
export function renderReport(report: Report): string {
  const { machine, freeCores } = report;
  const control = freeCores === null ? "" : ` (${freeCores.toFixed(1)} free when the run began)`;
  const sections = [
    `${machine.cpu}, ${machine.cores} cores${control}, ${machine.platform}, node ${report.node}, ${report.date}`,
    ...report.workloads.map(renderWorkload),
    renderHeap(report),
    renderOverload(report),
    `Targets\n${formatTable(report.targets.map(targetRow))}`,
    listed("Failed", report.failures),
    listed("Not measured", report.notMeasured),
  ];
  if (report.interrupted) sections.push("Interrupted: this is what was measured until then.");
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function renderWorkload(workload: WorkloadReport): string {
  const pairs = Math.max(0, ...workload.subjects.map((subject) => subject.value?.samples.length ?? 0));
  const header = ["", workload.unit, "middle half", `× ${workload.reference}`, "95 % interval"];
  const rows = workload.subjects.map((subject) => subjectRow(subject));
  const best = workload.better === "lower" ? ", lower is better" : "";
  return `${workload.name}: ${workload.title}, ${pairs} pairs${best}\n${formatTable([header, ...rows])}`;
}

function subjectRow({ name, value, ratio }: SubjectReport): string[] {
  if (value === null || ratio === null) return [name, "none"];
  return [
    name,
    formatNumber(value.median),
    formatInterval(value.quartiles, formatNumber),
    ratio.median.toFixed(2),
    formatInterval(ratio.interval, (bound) => bound.toFixed(2)),
  ];
}

function formatInterval({ low, high }: Interval, format: (bound: number) => string): string {
  return `${format(low)} – ${format(high)}`;
}

function renderHeap({ heap }: Report): string {
  if (heap.length === 0) return "";
  const rows = heap.map((one) => [one.name, formatNumber(one.messages), formatGrowth(one.growth)]);
  return `heap: collected, before and after\n${formatTable([["", "messages", "growth"], ...rows])}`;
}

function renderOverload({ overload }: Report): string {
  if (overload.length === 0) return "";
  const rows = overload.map((one) => [
    `${one.mode} sends`,
    `${one.first.second} s → ${one.second.second} s`,
    formatGrowth(one.difference),
    formatNumber(one.second.waiting),
    formatNumber(one.accepted),
    formatNumber(one.refused),
    one.nothingLost ? "nothing" : "SOMETHING",
  ]);
  const header = ["", "between", "collected heap", "waiting", "accepted", "refused", "lost"];
  return `overload: producer ten times faster than the last stage\n${formatTable([header, ...rows])}`;
}

function targetRow({ name, wanted, measured, state, certain }: Target): string[] {
  const [[relation, limit]] = Object.entries(wanted) as [[string, number]];
  const word = { atLeast: "at least", atMost: "at most", below: "below" }[relation] ?? relation;
  const doubt = certain === false ? " (within the noise)" : "";
  return [name, `${word} ${formatNumber(limit)}`, measured === null ? "" : formatNumber(measured), `${state}${doubt}`];
}

function listed(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : `${title}\n${lines.map((line) => `  ${line}`).join("\n")}`;
}
