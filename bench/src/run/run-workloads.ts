import { compare } from "../compare.js";
import { OthersLoad } from "../measure/others-load.js";
import { processMeter } from "../measure/process-meter.js";
import type { Parameters } from "../parameters.js";
import { PATTERNS } from "../patterns/patterns.js";
import { machine } from "../process/machine.js";
import { Interrupted } from "../process/within.js";
import { withControl } from "../report/noise.js";
import type { WorkloadReport } from "../report/report.js";
import { reportOfSubject } from "../report/subject-report.js";
import type { Stream } from "../stream.js";
import { ALONE, observed, QUIET, STREAM_REFERENCE, streams, watched } from "../streams.js";
import type { Closable, Subject } from "../subject.js";
import type { SubjectEntry } from "../subjects.js";
import { occupy } from "../threads/busy.js";
import { THREAD_REFERENCE, threadLines } from "../threads/subjects.js";
import { threadWorkloads } from "../threads/workloads.js";
import { WINDOW_REFERENCE, windows } from "../windows.js";
import { flow } from "../workloads/flow.js";
import { latency } from "../workloads/latency.js";
import { roundTrip } from "../workloads/round-trip.js";
import { throughput } from "../workloads/throughput.js";
import { windowCounts } from "../workloads/windows.js";
import type { Workload } from "../workloads/workload.js";
import { loadSubjects } from "./load-subjects.js";
import type { Session } from "./session.js";

/** Cores that others may keep busy before a pair is taken once more, as a share of all. */
const CALM = 0.1;

export async function runWorkloads(session: Session, parts: readonly string[]): Promise<void> {
  const { chainStages: stages, flowMessages: messages, slices } = session.parameters;
  for (const workload of lineWorkloads(session.parameters)) {
    if (!parts.includes(partOf(workload.name))) continue;
    const able = session.subjects.filter((subject) => workload.stages === 1 || !subject.singleStage);
    await runWorkload(session, workload, session.reference, able);
  }
  if (parts.includes("flow")) {
    await runEntries(session, flow({ name: "flow", stages, messages, slices }), streams, STREAM_REFERENCE);
  }
  if (parts.includes("telemetry")) {
    await runEntries(session, flow({ name: "telemetry", stages, messages, slices }), observed, QUIET);
  }
  if (parts.includes("devtools")) {
    await runEntries(session, flow({ name: "devtools", stages, messages, slices }), watched, ALONE);
  }
  if (parts.includes("windows")) {
    await runEntries(session, windowCounts({ events: messages, slices }), windows, WINDOW_REFERENCE);
  }
}

/** `latency/1000` is of the part `latency`. */
function partOf(name: string): string {
  const first = name.split("/", 1)[0] as string;
  return first in PATTERNS ? "patterns" : first;
}

function lineWorkloads(sizes: Parameters): readonly Workload[] {
  const { outstanding, latencyDuration: duration, slices } = sizes;
  const line = { outstanding, slices, isAlone: true };
  return [
    throughput({ name: "echo", stages: 1, messages: sizes.echoMessages, ...line }),
    roundTrip({ trips: sizes.trips, batches: sizes.batches, slices, isAlone: true }),
    throughput({ name: "chain", stages: sizes.chainStages, messages: sizes.chainMessages, ...line }),
    ...sizes.rates.map((rate) => latency({ name: `latency/${rate}`, rate, duration })),
  ];
}

/** Runs the workloads of threads; each has subjects of its own. */
export async function runThreads(session: Session, parts: readonly string[]): Promise<void> {
  for (const { name, load } of threadWorkloads) {
    if (!parts.includes(partOf(name))) continue;
    const { workload, reference, subjects, busy } = await load(session.parameters);
    const wanted = subjects.filter((subject) => session.wanted.includes(subject.name));
    await using _ = await occupy(busy);
    await runWorkload(session, workload, reference, wanted, busy);
  }
  if (!parts.includes("threads-latency")) return;
  const { threadRates, latencyDuration: duration } = session.parameters;
  for (const rate of threadRates) {
    const workload = latency({ name: `threads-latency/${rate}`, rate, duration });
    await runEntries(session, workload, threadLines, THREAD_REFERENCE);
  }
}

async function runEntries<L extends Stream | Closable>(
  session: Session,
  workload: Workload<L>,
  entries: readonly SubjectEntry<L>[],
  referenceName: string,
): Promise<void> {
  const loaded = await loadSubjects(entries, [referenceName, ...session.wanted], session.failures);
  const reference = loaded.find(({ name }) => name === referenceName);
  if (reference === undefined) return;
  const subjects = loaded.filter(({ name }) => session.wanted.includes(name) || name === referenceName);
  await runWorkload(session, workload, reference, subjects);
}

/** `busy`: cores that the run itself keeps busy beside it; that is no noise. */
export async function runWorkload<L extends Closable>(
  session: Session,
  workload: Workload<L>,
  reference: Subject<L>,
  subjects: readonly Subject<L>[],
  busy = 0,
): Promise<void> {
  if (subjects.length === 0) return;
  const { pairs: all, passes, warmups, mostWarmups, budget, patience, limit } = session.parameters;
  const pairs = Math.ceil(all / passes);
  const late = budget === null ? 0 : (performance.now() - session.started) / budget;
  if (late > 2) {
    session.skipped.push(`${workload.name}: out of time (without --quick, or --only ${workload.name})`);
    return;
  }
  using meter = processMeter();
  const { cores } = machine();
  const comparison = await compare(workload, reference, subjects, {
    pairs,
    warmups,
    mostWarmups,
    ...(patience !== null && { patience: late > 1 ? 0 : patience }),
    limit,
    signal: session.signal,
    random: Math.random,
    meter,
    others() {
      const load = new OthersLoad();
      return () => load.read();
    },
    calm: busy + CALM * cores,
    onMeasured(pair, subject) {
      session.progress.show(workload.name, `${pair === 0 ? "warm-up" : `pair ${pair} of ${pairs}`}, ${subject}`);
    },
  });
  const circumstances = { cores, busy };
  // their figures leave out the time that others took
  const withClock = (subject: Subject<L>) => (workload.isAlone === true ? { ...subject, isAlone: true } : subject);
  const report: WorkloadReport = {
    name: workload.name,
    part: partOf(workload.name),
    title: workload.title,
    unit: workload.unit,
    better: workload.better,
    reference: reference.name,
    subjects: subjects.map((subject) => reportOfSubject(withClock(subject), comparison, circumstances)),
  };
  session.workloads.push(withControl(report));
  for (const [name, failure] of comparison.failures) session.failures.push(`${workload.name}, ${name}: ${failure}`);
  if (session.signal.aborted) throw new Interrupted();
}
