import { type Comparison, compare } from "../compare.js";
import type { Parameters } from "../parameters.js";
import { Interrupted } from "../process/within.js";
import type { SubjectReport } from "../report/report.js";
import { summarise } from "../stats/summary.js";
import type { Subject } from "../subject.js";
import { roundTrip } from "../workloads/round-trip.js";
import { throughput } from "../workloads/throughput.js";
import type { Workload } from "../workloads/workload.js";
import type { Session } from "./session.js";

export async function runWorkloads(session: Session, wanted: readonly string[]): Promise<void> {
  for (const workload of workloads(session.parameters)) {
    if (wanted.includes(workload.name)) await runWorkload(session, workload);
  }
}

function workloads(sizes: Parameters): readonly Workload[] {
  const { outstanding } = sizes;
  return [
    throughput({ name: "echo", stages: 1, messages: sizes.echoMessages, outstanding }),
    roundTrip({ trips: sizes.trips, batches: sizes.batches }),
    throughput({ name: "chain", stages: sizes.chainStages, messages: sizes.chainMessages, outstanding }),
  ];
}

async function runWorkload(session: Session, workload: Workload): Promise<void> {
  const { pairs, warmups, limit } = session.parameters;
  const able = session.subjects.filter((subject) => workload.stages === 1 || !subject.singleStage);
  const comparison = await compare(workload, session.reference, able, {
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
    subjects: able.map((subject) => reportOf(subject, comparison)),
  });
  for (const [name, failure] of comparison.failures) session.failures.push(`${workload.name}, ${name}: ${failure}`);
  if (session.signal.aborted) throw new Interrupted();
}

function reportOf({ name, title }: Subject, comparison: Comparison): SubjectReport {
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
