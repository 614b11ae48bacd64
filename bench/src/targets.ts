import { HEAP_LIMIT } from "./checks/check.js";
import { OVERLOAD_MODES } from "./checks/overload.js";
import type { Report, SubjectReport, WorkloadReport } from "./report/report.js";
import type { Target } from "./report/target.js";
import { type Summary, summarise } from "./stats/summary.js";

type Measured = Pick<Report, "workloads" | "heap" | "overload">;

/** The targets of the in-process backend. They are reported; nothing fails by them. */
export function judgeTargets({ workloads, heap, overload }: Measured): readonly Target[] {
  const ratio = (workload: string, subject: string) => find(workloads, workload, subject)?.ratio ?? null;
  const fastq = ratio("echo", "fastq");
  return [
    judge("floor / fastq, echo", { atLeast: 0.8 }, fastq && summarise(fastq.samples.map((value) => 1 / value))),
    judge("ringline-run / floor, echo", { atLeast: 0.5 }, ratio("echo", "ringline-run")),
    judge("ringline-handle / floor, echo", { atLeast: 0.7 }, ratio("echo", "ringline-handle")),
    judge("ringline-run / floor, round trip", { atMost: 4 }, ratio("round-trip", "ringline-run")),
    judge("ringline-handle / floor, round trip", { atMost: 4 }, ratio("round-trip", "ringline-handle")),
    judge("ringline-flow / node-stream, flow", { atLeast: 1 }, ratio("flow", "ringline-flow")),
    judge("ringline-flow / effect-queue, flow", { atLeast: 5 }, flowOverEffect(workloads)),
    judge("ringline-flow / without telemetry", { atLeast: 0.85 }, ratio("telemetry", "ringline-flow")),
    ...["ringline-run", "ringline-handle"].map((name) =>
      judge(
        `${name}, growth of the heap in bytes`,
        { below: HEAP_LIMIT },
        heap.find((one) => one.name === name)?.growth,
      ),
    ),
    ...OVERLOAD_MODES.flatMap((mode) => {
      const one = overload.find((report) => report.mode === mode);
      return [
        judge(
          `overload, ${mode} sends, difference of the heap in bytes`,
          { below: HEAP_LIMIT },
          one && Math.abs(one.difference),
        ),
        judge(`overload, ${mode} sends, nothing lost`, { atLeast: 1 }, one && Number(one.nothingLost)),
      ];
    }),
  ];
}

/** Both were paired with the same reference, round by round. */
function flowOverEffect(workloads: readonly WorkloadReport[]): Summary | null {
  const ours = find(workloads, "flow", "ringline-flow")?.ratio?.samples ?? [];
  const theirs = find(workloads, "flow", "effect-queue")?.ratio?.samples ?? [];
  const both = Math.min(ours.length, theirs.length);
  if (both === 0) return null;
  return summarise(ours.slice(0, both).map((value, round) => value / theirs[round]!));
}

function find(workloads: readonly WorkloadReport[], workload: string, subject: string): SubjectReport | undefined {
  return workloads.find((one) => one.name === workload)?.subjects.find((one) => one.name === subject);
}

function judge(name: string, wanted: Target["wanted"], measured: Summary | number | null | undefined): Target {
  if (measured === null || measured === undefined) {
    return { name, wanted, measured: null, state: "not measured", certain: null };
  }
  const value = typeof measured === "number" ? measured : measured.median;
  const certain =
    typeof measured === "number"
      ? null
      : reaches(wanted, measured.interval.low) === reaches(wanted, measured.interval.high);
  return { name, wanted, measured: value, state: reaches(wanted, value) ? "met" : "missed", certain };
}

function reaches(wanted: Target["wanted"], value: number): boolean {
  if ("atLeast" in wanted) return value >= wanted.atLeast;
  return "atMost" in wanted ? value <= wanted.atMost : value < wanted.below;
}
