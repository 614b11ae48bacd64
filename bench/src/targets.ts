import { HEAP_LIMIT } from "./checks/check.js";
import { OVERLOAD_MODES } from "./checks/overload.js";
import type { Report, SubjectReport, WorkloadReport } from "./report/report.js";
import type { Target } from "./report/target.js";
import { type Summary, summarise } from "./stats/summary.js";

type Measured = Pick<Report, "workloads" | "heap" | "overload" | "gpu">;

/** The targets of the backends. They are reported; nothing fails by them. */
export function judgeTargets({ workloads, heap, overload, gpu }: Measured): readonly Target[] {
  const ratio = (workload: string, subject: string) => find(workloads, workload, subject)?.ratio ?? null;
  const flow = (other: string) => over(workloads, "flow", "ringline-flow", other);
  return [
    judge("ringline-handle / floor, echo", { atLeast: 0.8 }, ratio("echo", "ringline-handle")),
    judge("ringline-handle / floor, chain", { atLeast: 0.7 }, ratio("chain", "ringline-handle")),
    judge("ringline-run / floor, echo", { atLeast: 0.65 }, ratio("echo", "ringline-run")),
    judge("ringline-request / floor, echo", { atLeast: 0.4 }, ratio("echo", "ringline-request")),
    judge("ringline-run / floor, round trip", { atMost: 4 }, ratio("round-trip", "ringline-run")),
    judge("ringline-handle / floor, round trip", { atMost: 4 }, ratio("round-trip", "ringline-handle")),
    judge("ringline-flow / node-stream-sink, flow", { atLeast: 1 }, flow("node-stream-sink")),
    judge("ringline-flow / async-generators, flow", { atLeast: 1 }, flow("async-generators")),
    judge("ringline-flow / node-stream, flow", { atLeast: 1.5 }, ratio("flow", "ringline-flow")),
    judge("ringline-handle, 24 message types / one, echo", { atLeast: 0.9 }, ofManyTypes(workloads, "ringline-handle")),
    judge("ringline-run, 24 message types / one, echo", { atLeast: 0.9 }, ofManyTypes(workloads, "ringline-run")),
    judge("ringline-flow / without telemetry", { atLeast: 0.85 }, ratio("telemetry", "ringline-flow")),
    judge("ringline-window / map-loop, windows", { atLeast: 0.3 }, ratio("windows", "ringline-window")),
    judge(
      "ringline-window / rxjs-groupby, windows",
      { atLeast: 1 },
      over(workloads, "windows", "ringline-window", "rxjs-groupby"),
    ),
    judge("ringline-flow with a view / alone", { atLeast: 0.99 }, ratio("devtools", "ringline-flow-attached")),
    judge("ringline-flow with a viewer / alone", { atLeast: 0.97 }, ratio("devtools", "ringline-flow-watched")),
    ...["ringline-run", "ringline-handle"].map((name) =>
      judge(
        `${name}, growth of the heap in bytes`,
        { below: HEAP_LIMIT },
        heap.find((one) => one.name === name)?.growth,
      ),
    ),
    ...threadTargets(workloads),
    ...deviceTargets(gpu),
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

/** Returns the targets of the worker-threads backend: the lower bound of the interval counts. */
function threadTargets(workloads: readonly WorkloadReport[]): Target[] {
  const ratio = (workload: string, subject: string) => find(workloads, workload, subject)?.ratio ?? null;
  const echo = "threads-echo";
  const batches = "post-message-batches";
  const handle = (other: string) => over(workloads, echo, "thread-handle", other);
  return [
    judgeAll("thread-handle / shared-ring, echo", { atLeast: 0.5 }, handle("shared-ring")),
    judgeAll("thread-handle / shared-ring-codec, echo", { atLeast: 0.8 }, handle("shared-ring-codec")),
    judgeAll("thread-handle / post-message-batches, echo", { atLeast: 2 }, handle(batches)),
    judge(
      "thread-handle / post-message-batches, CPU time",
      { atMost: 0.7 },
      over(workloads, "threads-cpu", "thread-handle", batches),
    ),
    judge("thread-run / post-message, round trip", { atMost: 0.25 }, ratio("threads-round-trip", "thread-run")),
    judge(
      "thread-run / post-message, round trip, no core free",
      { atMost: 1.25 },
      ratio("threads-round-trip-busy", "thread-run"),
    ),
    judge("thread-buffer / structured-clone, 4 MB", { atLeast: 4 }, ratio("threads-arrays", "thread-buffer")),
    judge(
      "thread-buffer / memcpy, 4 MB",
      { atLeast: 0.8 },
      over(workloads, "threads-arrays", "thread-buffer", "memcpy"),
    ),
    judge("hand-over of 64 MB / 64 KB", { atMost: 1.25 }, ratio("threads-hand-over", "hand-over-64-MB")),
    judge("three producers / one, four cores free", { atLeast: 0.9 }, ratio("threads-fan-in", "three-producers")),
    judge("two kernels / two threads of arithmetic", { atLeast: 0.8 }, ratio("threads-cores", "cpu-kernels")),
  ];
}

/** Returns the targets of the WebGPU backend, which its own program measures. */
function deviceTargets(rows: Measured["gpu"]): Target[] {
  if (rows.length === 0) return [judge("WebGPU, designs on one adapter (--only gpu)", { atLeast: 1 }, null)];
  return rows.map(({ name, wanted, measured }) => judge(name, wanted, measured));
}

/** Met where the whole interval is beyond the limit. */
function judgeAll(name: string, wanted: { readonly atLeast: number }, measured: Summary | null): Target {
  const target = judge(name, wanted, measured);
  const isMet = measured !== null && reaches(wanted, measured.interval.low);
  return measured === null ? target : { ...target, state: isMet ? "met" : "missed" };
}

/** Both were paired with the same reference, round by round. */
function ofManyTypes(workloads: readonly WorkloadReport[], subject: string): Summary | null {
  const [one, many] = ["types/1", "types/24"].map((name) => find(workloads, name, subject)?.ratio?.samples ?? []);
  return quotients(many as readonly number[], one as readonly number[]);
}

function over(workloads: readonly WorkloadReport[], workload: string, one: string, other: string): Summary | null {
  const ours = find(workloads, workload, one)?.ratio?.samples ?? [];
  const theirs = find(workloads, workload, other)?.ratio?.samples ?? [];
  return quotients(ours, theirs);
}

function quotients(ours: readonly number[], theirs: readonly number[]): Summary | null {
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
