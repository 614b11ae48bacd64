import { BACKENDS, type BackendName, backendOf } from "../backends.js";
import { compare } from "../compare.js";
import { standard } from "../parameters.js";
import { type Cell, cells, nameOf } from "../patterns/cells.js";
import { patternOn } from "../patterns/open-pattern.js";
import { patternWorkload } from "../patterns/pattern-workload.js";
import { patternOf } from "../patterns/patterns.js";
import { YARDSTICK, yardstickFor } from "../patterns/yardstick.js";
import { type Report, SCHEMA, type WorkloadReport } from "../report/report.js";
import { reportOfSubject } from "../report/subject-report.js";

const HERE: readonly BackendName[] = BACKENDS.filter((name) => name !== "worker-threads");

export interface PageOptions {
  /** Pairs for each backend. */
  readonly pairs: number;
  readonly signal: AbortSignal;
  readonly onProgress: (what: string) => void;
}

/** Cells that a page can measure in a minute: every pattern once, and the payloads that a device takes. */
const pageCells: readonly Cell[] = cells.filter(({ pattern, payload, work }) => {
  const onDevice = patternOf(pattern).onDevice === true;
  if (pattern.startsWith("workers-")) return false;
  if (work === "data") return onDevice && payload !== "1KB";
  return work === "none" && (payload === "1KB" || pattern === "simple");
});

/** Measures in this page, on its event loop and on its WebGPU. An interruption ends it early with what there is. */
export async function runInPage({ pairs, signal, onProgress }: PageOptions): Promise<Report> {
  const adapter = await adapterHere();
  const failures = adapter === null ? ["webgpu: this browser gives no adapter"] : [];
  const workloads: WorkloadReport[] = [];
  for (const [index, cell] of pageCells.entries()) {
    if (signal.aborted) break;
    const name = nameOf(cell);
    const backends = HERE.filter((backend) => backend !== "webgpu" || (adapter !== null && isForDevice(cell)));
    const subjects = backends.map((backend) => patternOn(backend, cell));
    const workload = patternWorkload(cell, { duration: 30, warmUp: 250 });
    const comparison = await compare(workload, yardstickFor(cell), subjects, {
      pairs,
      warmups: 1,
      mostWarmups: 4,
      patience: 1500,
      limit: 60_000,
      signal,
      random: Math.random,
      onMeasured: (pair) =>
        onProgress(`${index + 1} of ${pageCells.length}: ${name}, ${pair === 0 ? "warm-up" : `pair ${pair}`}`),
    });
    const { title, unit, better } = workload;
    const machine = { cores: navigator.hardwareConcurrency };
    const rows = subjects.map((subject) => reportOfSubject(subject, comparison, machine));
    workloads.push({ name, part: "patterns", title, unit, better, reference: YARDSTICK, subjects: rows });
    for (const [subject, failure] of comparison.failures) failures.push(`${name}, ${subject}: ${failure}`);
  }
  return reportOf(workloads, failures, adapter, pairs, signal.aborted);
}

const isForDevice = ({ pattern, payload, work }: Cell) =>
  patternOf(pattern).onDevice === true && work === "data" && payload !== "1KB";

/** The name of the adapter; null where there is none. */
async function adapterHere(): Promise<string | null> {
  const adapter = await navigator.gpu?.requestAdapter();
  if (adapter === null || adapter === undefined) return null;
  await backendOf("webgpu");
  const { vendor, architecture, description } = adapter.info;
  return [description, vendor, architecture].find((text) => text !== "") ?? "an adapter without a name";
}

function reportOf(
  workloads: readonly WorkloadReport[],
  failures: readonly string[],
  adapter: string | null,
  pairs: number,
  interrupted: boolean,
): Report {
  return {
    schema: SCHEMA,
    machine: {
      cpu: "this browser",
      cores: navigator.hardwareConcurrency,
      memoryBytes: 0,
      platform: navigator.userAgent,
    },
    freeCores: null,
    node: "",
    v8: "",
    commit: null,
    adapter,
    date: new Date().toISOString(),
    parameters: { ...standard, pairs, passes: 1 },
    passes: 1,
    forcedCollection: false,
    interrupted,
    workloads,
    heap: [],
    overload: [],
    idle: [],
    soak: [],
    gpu: [],
    counts: [],
    targets: [],
    failures,
    notMeasured: ["worker-threads: Node only", "CPU time, heap and garbage: a page cannot see them"],
  };
}
