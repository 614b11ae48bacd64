import { mergeHistograms, percentilesOf } from "../stats/histogram.js";
import { median } from "../stats/quantile.js";
import { type Summary, summarise } from "../stats/summary.js";
import { judgeTargets } from "../targets.js";
import { mergeCosts, mergeDelivered } from "./merge-parts.js";
import { isOfRatio, noiseOfRatio, withControl } from "./noise.js";
import type { Report, SubjectReport, WorkloadReport } from "./report.js";

/** The reports of passes with the same options as one: their samples side by side, in the order of the passes. */
export function mergeReports(reports: readonly Report[]): Report {
  const [first, ...others] = reports;
  if (first === undefined) throw new RangeError("no reports");
  if (others.length === 0) return first;
  const names = [...new Set(reports.flatMap((report) => report.workloads.map(({ name }) => name)))];
  const workloads = names.map((name) =>
    mergeWorkloads(reports.map((report) => report.workloads.find((one) => one.name === name))),
  );
  const { heap, overload, gpu } = collected(reports);
  return {
    ...first,
    ...collected(reports),
    passes: reports.length,
    adapter: reports.find(({ adapter }) => adapter !== null)?.adapter ?? null,
    interrupted: reports.some(({ interrupted }) => interrupted),
    workloads,
    targets: judgeTargets({ workloads, heap, overload, gpu }),
  };
}

/** Collects the sections that only one pass measures. */
function collected(reports: readonly Report[]) {
  return {
    heap: reports.flatMap(({ heap }) => heap),
    overload: reports.flatMap(({ overload }) => overload),
    idle: reports.flatMap(({ idle }) => idle),
    gpu: reports.flatMap(({ gpu }) => gpu),
    counts: reports.flatMap(({ counts }) => counts),
    soak: reports.flatMap(({ soak }) => soak),
    failures: [...new Set(reports.flatMap(({ failures }) => failures))],
  };
}

/** `undefined`: the pass did not come to it. */
function mergeWorkloads(passes: readonly (WorkloadReport | undefined)[]): WorkloadReport {
  const first = passes.find((one) => one !== undefined) as WorkloadReport;
  const names = [...new Set(passes.flatMap((one) => one?.subjects.map(({ name }) => name) ?? []))];
  const subjects = names.map((name) =>
    mergeSubjects(passes.map((one) => one?.subjects.find((subject) => subject.name === name))),
  );
  return withControl({ ...first, subjects });
}

function mergeSubjects(passes: readonly (SubjectReport | undefined)[]): SubjectReport {
  const there = passes.filter((one) => one !== undefined);
  const ratio = together(there.map((one) => one.ratio));
  const latencies = mergeHistograms(there.map((one) => one.latencies));
  const ofMachine = there.flatMap((one) => one.noise.filter((reason) => !isOfRatio(reason)));
  return {
    ...(there[0] as SubjectReport),
    value: together(there.map((one) => one.value)),
    reference: together(there.map((one) => one.reference)),
    ratio,
    passes: passes.map((one) => one?.ratio?.samples.length ?? 0),
    costs: mergeCosts(there.flatMap(({ costs }) => costs ?? [])),
    latencies,
    percentiles: latencies && percentilesOf(latencies),
    delivered: mergeDelivered(there.map(({ delivered }) => delivered)),
    others: median(there.map(({ others }) => others)),
    noise: [...new Set([...ofMachine, ...noiseOfRatio(ratio)])],
  };
}

function together(summaries: readonly (Summary | null)[]): Summary | null {
  const passes = summaries.map((summary) => summary?.samples ?? []);
  const samples = passes.flat();
  const lengths = passes.map(({ length }) => length);
  return samples.length === 0 ? null : summarise(samples, lengths);
}
