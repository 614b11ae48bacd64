import { BACKENDS } from "../backends.js";
import { PARTS, type RunOptions } from "../cli/parse-options.js";
import type { Progress } from "../cli/progress.js";
import { calibrateWork } from "../patterns/work.js";
import { adapterName } from "../process/adapter-name.js";
import { commit } from "../process/commit.js";
import { machine } from "../process/machine.js";
import { rowAlone } from "../process/passes.js";
import { Interrupted } from "../process/within.js";
import { type Report, SCHEMA } from "../report/report.js";
import { streams } from "../streams.js";
import { REFERENCE, subjects } from "../subjects.js";
import { judgeTargets } from "../targets.js";
import { freeCores } from "../threads/free-cores.js";
import { threadLines } from "../threads/subjects.js";
import { loadSubjects } from "./load-subjects.js";
import { type AloneRow, runAlone, runAloneRow } from "./run-alone.js";
import { runChecks } from "./run-checks.js";
import { runPatterns } from "./run-patterns.js";
import { runThreads, runWorkloads } from "./run-workloads.js";
import type { Session } from "./session.js";

/** Measures what was asked for; an interruption ends it early with what there is. `recordPassed` counts from 1. */
export async function run(options: RunOptions, pass: number, progress: Progress, signal: AbortSignal): Promise<Report> {
  const failures: string[] = [];
  const alone = rowAlone();
  calibrateWork();
  if (alone === undefined) progress.show("free cores", "a second");
  const free = alone === undefined ? await freeCores() : null;
  const loaded = await loadSubjects(subjects, [REFERENCE, ...options.subjects], failures);
  const session: Session = {
    parameters: options.parameters,
    progress,
    signal,
    reference: loaded.find((subject) => subject.name === REFERENCE)!,
    subjects: loaded.filter((subject) => options.subjects.includes(subject.name)),
    wanted: options.subjects,
    backends: options.backends,
    cells: options.cells,
    workloads: [],
    heap: [],
    overload: [],
    idle: [],
    soak: [],
    gpu: [],
    counts: [],
    failures,
    started: performance.now(),
    skipped: [],
  };
  try {
    if (alone !== undefined) {
      await runAloneRow(session, alone as AloneRow);
      return await reportOf(session, options, free);
    }
    // the map answers the first question, so a short run begins with it
    await runPatterns(session, options.parts);
    await runWorkloads(session, options.parts);
    await runAlone(session, options.parts);
    await runThreads(session, options.parts);
    if (pass === 1) await runChecks(session, options.parts);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  }
  progress.clear();
  return reportOf(session, options, free);
}

async function reportOf(session: Session, options: RunOptions, freeCores: number | null): Promise<Report> {
  const { workloads, heap, overload, idle, soak, gpu, counts, failures } = session;
  const usesDevice = gpu.length > 0 || workloads.some(({ subjects }) => subjects.some(({ name }) => name === "webgpu"));
  return {
    schema: SCHEMA,
    machine: machine(),
    freeCores,
    node: process.versions.node,
    v8: process.versions.v8,
    commit: commit(),
    adapter: usesDevice ? await adapterName() : null,
    date: new Date().toISOString(),
    parameters: options.parameters,
    passes: 1,
    forcedCollection: globalThis.gc !== undefined,
    interrupted: session.signal.aborted,
    workloads,
    heap,
    overload,
    idle,
    soak,
    gpu,
    counts,
    targets: judgeTargets({ workloads, heap, overload, gpu }),
    failures,
    notMeasured: [...session.skipped, ...notMeasured(options)],
  };
}

function notMeasured(options: RunOptions): string[] {
  return [
    ...PARTS.filter((part) => !options.parts.includes(part)).map((part) => `${part} (--only ${part})`),
    ...[...new Set([...subjects, ...streams, ...threadLines].map(({ name }) => name))]
      .filter((name) => !options.subjects.includes(name))
      .map((name) => `${name} (--subject ${name})`),
    ...BACKENDS.filter((name) => !options.backends.includes(name)).map((name) => `${name} (--backend ${name})`),
    ...(options.parameters.allCells ? [] : ["most patterns with most payloads and work (without --quick)"]),
    "the text of message ids: nobody reads one here, and a UUID is made when it is read",
    "other priorities than the default",
  ];
}
