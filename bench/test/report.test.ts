import { describe, expect, it } from "vitest";
import { HEAP_LIMIT } from "../src/checks/check.js";
import { standard } from "../src/parameters.js";
import { formatGrowth, formatNumber, formatTable } from "../src/report/format.js";
import { renderReport } from "../src/report/render-report.js";
import { type Report, SCHEMA, type WorkloadReport } from "../src/report/report.js";
import { summarise } from "../src/stats/summary.js";
import { judgeTargets } from "../src/targets.js";

function workload(name: WorkloadReport["name"], ratios: Record<string, number[]>): WorkloadReport {
  const subjects = Object.entries(ratios).map(([subject, samples]) => ({
    name: subject,
    title: subject,
    value: summarise(samples.map((ratio) => ratio * 1e6)),
    reference: summarise(samples.map(() => 1e6)),
    ratio: summarise(samples),
    passes: [samples.length],
    costs: { cpuPerMessage: 1.5, cores: 1, gcShare: 0.04, heap: 1e6 },
    latencies: null,
    percentiles: null,
    delivered: null,
    others: 0,
    noise: [],
  }));
  return { name, part: name, title: "a test", unit: "msg/s", better: "higher", reference: "floor", subjects };
}

const nothing = { workloads: [], heap: [], overload: [], gpu: [] };
const state = (findings: Parameters<typeof judgeTargets>[0], name: string) =>
  judgeTargets(findings).find((target) => target.name === name);

describe("judgeTargets", () => {
  it("calls nothing met that was not measured", () => {
    expect(new Set(judgeTargets(nothing).map((target) => target.state))).toEqual(new Set(["not measured"]));
  });

  it("wants at least of a throughput and at most of a round trip", () => {
    const workloads = [
      workload("echo", { "ringline-handle": [0.6, 0.6, 0.6], "ringline-run": [0.7, 0.7, 0.7] }),
      workload("round-trip", { "ringline-run": [3, 3, 3], "ringline-handle": [5, 5, 5] }),
    ];
    const states = judgeTargets({ ...nothing, workloads }).map((target) => target.state);
    expect(states.slice(0, 6)).toEqual(["missed", "not measured", "met", "not measured", "met", "missed"]);
  });

  it("compares the flow with generators round by round, as both are paired with node:stream", () => {
    const flow = workload("flow", { "ringline-flow": [1.5, 1, 1.25], "async-generators": [0.25, 0.25, 0.125] });
    expect(state({ ...nothing, workloads: [flow] }, "ringline-flow / async-generators, flow")).toMatchObject({
      measured: 6,
      state: "met",
      certain: true,
    });
  });

  it("lets the heap shrink, and takes a difference both ways", () => {
    const heap = (growth: number) => ({ name: "ringline-run", messages: 1, before: 0, after: growth, growth });
    const name = "ringline-run, growth of the heap in bytes";
    expect(state({ ...nothing, heap: [heap(-2 * HEAP_LIMIT)] }, name)?.state).toBe("met");
    expect(state({ ...nothing, heap: [heap(HEAP_LIMIT)] }, name)?.state).toBe("missed");
  });
});

describe("format", () => {
  it("keeps three digits", () => {
    expect([0, 4, 0.28412, 999, 7380, 3_312_000].map(formatNumber)).toEqual([
      "0",
      "4",
      "0.284",
      "999",
      "7.38 K",
      "3.31 M",
    ]);
    expect([1_234_567, -1_234_567].map(formatGrowth)).toEqual(["+1.23 MB", "−1.23 MB"]);
  });

  it("aligns columns", () => {
    expect(formatTable([["a", "1"], ["long", "1000"], ["x"]])).toBe("  a         1\n  long   1000\n  x");
  });
});

describe("renderReport", () => {
  const report: Report = {
    schema: SCHEMA,
    commit: "abc",
    adapter: null,
    passes: 1,
    idle: [],
    soak: [],
    gpu: [],
    counts: [],
    machine: { cpu: "Some CPU", cores: 2, memoryBytes: 1, platform: "linux x64" },
    freeCores: null,
    node: "20.19.0",
    v8: "11.3",
    date: "2026-01-01T00:00:00.000Z",
    parameters: standard,
    forcedCollection: true,
    interrupted: false,
    workloads: [workload("echo", { "ringline-run": [0.5, 0.7, 0.6] })],
    heap: [{ name: "ringline-run", messages: 1e7, before: 0, after: 1e6, growth: 1e6 }],
    overload: [],
    targets: [],
    failures: [],
    notMeasured: ["chain (--only chain)"],
  };

  it("shows medians, spread, ratio and what was left out", () => {
    const text = renderReport({ ...report, targets: judgeTargets(report) });
    expect(text).toMatch(/ringline-run +600 K +550 K – 650 K +0\.60 +0\.50 – 0\.70 +1\.50 µs +4 %/);
    expect(text).toMatch(/ringline-run +10\.0 M +\+1\.00 MB/);
    expect(text).toMatch(/ringline-run \/ floor, echo +at least 0\.650 +0\.600 +missed/);
    expect(text).toContain("chain (--only chain)");
    expect(text).not.toContain("Interrupted");
  });

  it("prints a subject without a single pair, and says when it was interrupted", () => {
    const [echo] = report.workloads;
    const empty = {
      ...echo!,
      subjects: [{ ...echo!.subjects[0]!, name: "slow", value: null, reference: null, ratio: null }],
    };
    const text = renderReport({ ...report, workloads: [empty], interrupted: true });
    expect(text).toMatch(/slow +none/);
    expect(text).toContain("Interrupted");
  });

  it("survives the way through JSON", () => {
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });
});
