import { type Comparison, compare } from "../compare.js";
import type { Parameters } from "../parameters.js";
import { Interrupted } from "../process/within.js";
import type { SubjectReport } from "../report/report.js";
import { summarise } from "../stats/summary.js";
import type { Stream } from "../stream.js";
import { observed, QUIET, STREAM_REFERENCE, streams } from "../streams.js";
import type { Closable, Subject } from "../subject.js";
import type { SubjectEntry } from "../subjects.js";
import { occupy } from "../threads/busy.js";
import { threadWorkloads } from "../threads/workloads.js";
import { flow } from "../workloads/flow.js";
import { roundTrip } from "../workloads/round-trip.js";
import { throughput } from "../workloads/throughput.js";
import type { Workload } from "../workloads/workload.js";
import { loadSubjects } from "./load-subjects.js";
import type { Session } from "./session.js";

export async function runWorkloads(session: Session, parts: readonly string[]): Promise<void> {
  const { chainStages: stages, flowMessages: messages } = session.parameters;
  for (const workload of lineWorkloads(session.parameters)) {
    if (!parts.includes(workload.name)) continue;
    const able = session.subjects.filter((subject) => workload.stages === 1 || !subject.singleStage);
    await runWorkload(session, workload, session.reference, able);
  }
  if (parts.includes("flow")) {
    await runStreams(session, flow({ name: "flow", stages, messages }), streams, STREAM_REFERENCE);
  }
  if (parts.includes("telemetry")) {
    await runStreams(session, flow({ name: "telemetry", stages, messages }), observed, QUIET);
  }
}

function lineWorkloads(sizes: Parameters): readonly Workload[] {
  const { outstanding } = sizes;
  return [
    throughput({ name: "echo", stages: 1, messages: sizes.echoMessages, outstanding }),
    roundTrip({ trips: sizes.trips, batches: sizes.batches }),
    throughput({ name: "chain", stages: sizes.chainStages, messages: sizes.chainMessages, outstanding }),
  ];
}

/** What runs on threads; every workload has subjects of its own. */
export async function runThreads(session: Session, parts: readonly string[]): Promise<void> {
  for (const { name, load } of threadWorkloads) {
    if (!parts.includes(name)) continue;
    const { workload, reference, subjects, busy } = await load(session.parameters);
    const wanted = subjects.filter((subject) => session.wanted.includes(subject.name));
    await using _ = await occupy(busy);
    await runWorkload(session, workload, reference, wanted);
  }
}

async function runStreams(
  session: Session,
  workload: Workload<Stream>,
  entries: readonly SubjectEntry<Stream>[],
  referenceName: string,
): Promise<void> {
  const loaded = await loadSubjects(entries, [referenceName, ...session.wanted], session.failures);
  const reference = loaded.find(({ name }) => name === referenceName);
  if (reference === undefined) return;
  const subjects = loaded.filter(({ name }) => session.wanted.includes(name) || name === referenceName);
  await runWorkload(session, workload, reference, subjects);
}

export async function runWorkload<L extends Closable>(
  session: Session,
  workload: Workload<L>,
  reference: Subject<L>,
  subjects: readonly Subject<L>[],
): Promise<void> {
  const { pairs, warmups, limit } = session.parameters;
  const comparison = await compare(workload, reference, subjects, {
    pairs,
    warmups,
    limit,
    signal: session.signal,
    random: Math.random,
    onMeasured(round, subject) {
      const where = round < warmups ? "warm-up" : `pair ${round - warmups + 1} of ${pairs}`;
      session.progress.show(workload.name, `${where}, ${subject}`);
    },
  });
  session.workloads.push({
    name: workload.name,
    title: workload.title,
    unit: workload.unit,
    better: workload.better,
    reference: reference.name,
    subjects: subjects.map((subject) => reportOf(subject, comparison)),
  });
  for (const [name, failure] of comparison.failures) session.failures.push(`${workload.name}, ${name}: ${failure}`);
  if (session.signal.aborted) throw new Interrupted();
}

function reportOf(
  { name, title }: { readonly name: string; readonly title: string },
  comparison: Comparison,
): SubjectReport {
  const pairs = comparison.pairs.get(name) ?? [];
  const summary = (samples: number[]) => (samples.length === 0 ? null : summarise(samples));
  return {
    name,
    title,
    value: summary(pairs.map((pair) => pair.subject)),
    reference: summary(pairs.map((pair) => pair.reference)),
    ratio: summary(pairs.map((pair) => pair.subject / pair.reference)),
  };
}
