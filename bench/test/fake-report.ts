import { standard } from "../src/parameters.js";
import { type Report, SCHEMA, type SubjectReport, type WorkloadReport } from "../src/report/report.js";
import { quantile } from "../src/stats/quantile.js";
import type { Summary } from "../src/stats/summary.js";

/** Without the bootstrap, which nobody looks at here. */
function summarise(samples: readonly number[]): Summary {
  const [low, median, high] = [0.25, 0.5, 0.75].map((share) => quantile(samples, share)) as [number, number, number];
  return { median, quartiles: { low, high }, interval: { low, high }, samples };
}

/** A subject with these ratios to its reference, pass by pass. */
export function fakeRow(name: string, passes: readonly (readonly number[])[]): SubjectReport {
  const samples = passes.flat();
  return {
    name,
    title: name,
    value: summarise(samples.map((ratio) => ratio * 1e6)),
    reference: summarise(samples.map(() => 1e6)),
    ratio: summarise(samples),
    passes: passes.map((pass) => pass.length),
    costs: { cpuPerMessage: 1.5, cores: 1, gcShare: 0.04, heap: 1e6 },
    latencies: null,
    percentiles: null,
    delivered: null,
    others: 0,
    noise: [],
  };
}

export function fakeWorkload(subjects: readonly SubjectReport[], more: Partial<WorkloadReport> = {}): WorkloadReport {
  const [name, title, unit, better, reference] = ["echo", "a test", "msg/s", "higher", "floor"] as const;
  return { name, part: "echo", title, unit, better, reference, subjects, ...more };
}

export function fakeReport(workloads: readonly WorkloadReport[], more: Partial<Report> = {}): Report {
  return {
    schema: SCHEMA,
    machine: { cpu: "Some CPU", cores: 2, memoryBytes: 1, platform: "linux x64" },
    freeCores: null,
    node: "20.19.0",
    v8: "11.3",
    commit: "abc",
    adapter: null,
    date: "2026-01-01T00:00:00.000Z",
    parameters: standard,
    passes: 3,
    forcedCollection: true,
    interrupted: false,
    workloads,
    heap: [],
    overload: [],
    idle: [],
    soak: [],
    gpu: [],
    counts: [],
    targets: [],
    failures: [],
    notMeasured: [],
    ...more,
  };
}
