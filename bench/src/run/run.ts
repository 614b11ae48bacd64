import { PARTS, type RunOptions } from "../cli/parse-options.js";
import type { Progress } from "../cli/progress.js";
import { machine } from "../process/machine.js";
import { Interrupted } from "../process/within.js";
import type { Report } from "../report/report.js";
import { streams } from "../streams.js";
import { REFERENCE, subjects } from "../subjects.js";
import { judgeTargets } from "../targets.js";
import { freeCores } from "../threads/free-cores.js";
import { loadSubjects } from "./load-subjects.js";
import { runHeap, runOverload } from "./run-checks.js";
import { runThreads, runWorkloads } from "./run-workloads.js";
import type { Session } from "./session.js";

/** Measures what was asked for; an interruption ends it early with what there is. */
export async function run(options: RunOptions, progress: Progress, signal: AbortSignal): Promise<Report> {
  const failures: string[] = [];
  const free = options.parts.some((part) => part.startsWith("threads-")) ? await freeCores() : null;
  const loaded = await loadSubjects(subjects, [REFERENCE, ...options.subjects], failures);
  const session: Session = {
    parameters: options.parameters,
    progress,
    signal,
    reference: loaded.find((subject) => subject.name === REFERENCE)!,
    subjects: loaded.filter((subject) => options.subjects.includes(subject.name)),
    wanted: options.subjects,
    workloads: [],
    heap: [],
    overload: [],
    failures,
  };
  try {
    await runWorkloads(session, options.parts);
    await runThreads(session, options.parts);
    if (options.parts.includes("heap")) await runHeap(session);
    if (options.parts.includes("overload")) await runOverload(session);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  }
  progress.clear();
  return reportOf(session, options, free);
}

function reportOf(session: Session, options: RunOptions, freeCores: number | null): Report {
  const { workloads, heap, overload, failures } = session;
  return {
    machine: machine(),
    freeCores,
    node: process.versions.node,
    v8: process.versions.v8,
    date: new Date().toISOString(),
    parameters: options.parameters,
    forcedCollection: globalThis.gc !== undefined,
    interrupted: session.signal.aborted,
    workloads,
    heap,
    overload,
    targets: judgeTargets({ workloads, heap, overload }),
    failures,
    notMeasured: notMeasured(options),
  };
}

function notMeasured(options: RunOptions): string[] {
  return [
    ...PARTS.filter((part) => !options.parts.includes(part)).map((part) => `${part} (--only ${part})`),
    ...[...subjects, ...streams]
      .filter(({ name }) => !options.subjects.includes(name))
      .map(({ name }) => `${name} (--subject ${name})`),
    "the text of message ids: nobody reads one here, and a UUID is made when it is read",
    "telemetry switched off, other priorities than the default, devices",
  ];
}
