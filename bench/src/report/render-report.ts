import { grownMemory, type Memory, type SoakPoint } from "../checks/soak.js";
import type { Interval } from "../stats/bootstrap.js";
import { formatGrowth, formatNumber, formatTable } from "./format.js";
import type { Report, SubjectReport, WorkloadReport } from "./report.js";
import type { Target } from "./target.js";

const MEMORY = ["heap", "buffers", "resident"] as const;

/** The report as a person reads it. */
export function renderReport(report: Report): string {
  const sections = [
    renderMachine(report),
    ...renderWorkloads(report.workloads),
    renderCounts(report),
    renderIdle(report),
    renderHeap(report),
    renderOverload(report),
    renderSoak(report),
    `Targets\n${formatTable(report.targets.map(targetRow))}`,
    listed("Failed", report.failures),
    listed("Not measured", report.notMeasured),
  ];
  if (report.interrupted) sections.push("Interrupted: this is what was measured until then.");
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function renderMachine({ machine, freeCores, adapter, node, commit, date }: Report): string {
  const control = freeCores === null ? "" : ` (${freeCores.toFixed(1)} free when the run began)`;
  const device = adapter === null ? "" : `, ${adapter}`;
  const version = commit === null ? "" : `, commit ${commit}`;
  return `${machine.cpu}, ${machine.cores} cores${control}, ${machine.platform}, node ${node}${device}${version}, ${date}`;
}

/** Renders the workloads: one table for those that compare backends, one for each of the others. */
function renderWorkloads(workloads: readonly WorkloadReport[]): string[] {
  const byBackend = workloads.filter(isByBackend);
  const others = workloads.filter((workload) => !isByBackend(workload)).map(renderWorkload);
  if (byBackend.length === 0) return others;
  const header = ["", "", "", "middle half", "× in-process", "CPU a message", "garbage", ""];
  const rows = byBackend.flatMap((workload) =>
    workload.subjects.map((subject, index) => backendRow(workload, subject, index === 0)),
  );
  return [...others, `backends: messages a second; startup: milliseconds\n${formatTable([header, ...rows])}`];
}

const isByBackend = ({ part }: WorkloadReport) => part === "patterns" || part === "startup";

function backendRow(workload: WorkloadReport, subject: SubjectReport, isFirst: boolean): string[] {
  const name = isFirst ? workload.name : "";
  const [figure, spread, , , ...costs] = subjectRow(subject);
  if (spread === undefined) return [name, subject.name, "none"];
  const base = workload.subjects.find((one) => one.name === "in-process")?.value?.median;
  const relative = base === undefined ? "" : ((subject.value?.median ?? Number.NaN) / base).toPrecision(3);
  return [name, subject.name, figure as string, spread, relative, ...costs];
}

function renderWorkload(workload: WorkloadReport): string {
  const pairs = Math.max(0, ...workload.subjects.map((subject) => subject.value?.samples.length ?? 0));
  const shares = Object.keys(workload.subjects.find(({ percentiles }) => percentiles)?.percentiles ?? {});
  const costs = ["CPU a message", "garbage"];
  const header = [
    "",
    workload.unit,
    "middle half",
    `× ${workload.reference}`,
    "95 % interval",
    ...costs,
    ...shares,
    "",
  ];
  const rows = workload.subjects.map((subject) => {
    const row = [subject.name, ...subjectRow(subject)];
    const times = shares.map((share) => formatNumber(subject.percentiles?.[share] ?? Number.NaN));
    return row.length < header.length - 1 ? row : [...row.slice(0, -1), ...times, ...row.slice(-1)];
  });
  const best = workload.better === "lower" ? ", lower is better" : "";
  return `${workload.name}: ${workload.title}, ${pairs} pairs${best}\n${formatTable([header, ...rows])}`;
}

function subjectRow({ value, ratio, costs, delivered, noise }: SubjectReport): string[] {
  if (value === null || ratio === null) return ["none"];
  const cpu = costs?.cpuPerMessage;
  const remarks = [...(delivered === null || delivered === 1 ? [] : [`${percent(delivered)} delivered`]), ...noise];
  return [
    formatNumber(value.median),
    formatInterval(value.quartiles, formatNumber),
    ratio.median.toFixed(2),
    formatInterval(ratio.interval, (bound) => bound.toFixed(2)),
    cpu === undefined || cpu === null ? "" : `${formatNumber(cpu)} µs`,
    costs === null ? "" : percent(costs.gcShare),
    noise.length === 0 ? remarks.join(", ") : `NOISY: ${remarks.join(", ")}`,
  ];
}

const percent = (share: number) => `${(share * 100).toFixed(0)} %`;

function formatInterval({ low, high }: Interval, format: (bound: number) => string): string {
  return `${format(low)} – ${format(high)}`;
}

function renderHeap({ heap }: Report): string {
  if (heap.length === 0) return "";
  const rows = heap.map((one) => [one.name, formatNumber(one.messages), formatGrowth(one.growth)]);
  return `heap: collected, before and after\n${formatTable([["", "messages", "growth"], ...rows])}`;
}

function renderCounts({ counts }: Report): string {
  if (counts.length === 0) return "";
  const names = Object.keys(counts[0]?.counts ?? {});
  const rows = counts.map((row) => [row.name, ...names.map((name) => formatNumber(row.counts[name] ?? Number.NaN))]);
  return `counts: what a message takes, whatever the clock\n${formatTable([["", ...names], ...rows])}`;
}

function renderIdle({ idle }: Report): string {
  if (idle.length === 0) return "";
  const rows = idle.map(({ backend, kernels, bytesPerKernel, residentPerKernel, startTime }) => [
    backend,
    formatNumber(kernels),
    formatNumber(bytesPerKernel),
    formatNumber(residentPerKernel),
    `${formatNumber(startTime)} ms`,
  ]);
  const header = ["", "kernels", "bytes each", "of the process", "start of each"];
  return `idle: memory of kernels that have nothing to do\n${formatTable([header, ...rows])}`;
}

function renderSoak({ soak }: Report): string {
  if (soak.length === 0) return "";
  const rows = soak.map((one) => [
    `${one.backend}, ${one.way}`,
    `${(one.points.at(-1)?.second ?? 0).toFixed(0)} s`,
    formatNumber(one.messages),
    ...(one.growth === null ? ["", "", ""] : MEMORY.map((kind) => formatGrowth((one.growth as Memory)[kind]))),
    one.points.length === 0 ? "" : formatNumber((one.points.at(-1) as SoakPoint).resident),
    one.growth === null ? "too short to judge" : grownMemory(one).length === 0 ? "flat" : "GROWS",
  ]);
  const header = ["", "ran for", "messages", "heap", "array buffers", "process", "process at the end, bytes", ""];
  return `soak: growth from the first third after warming up to the last; every message counted, every ledger checked
${formatTable([header, ...rows])}`;
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
