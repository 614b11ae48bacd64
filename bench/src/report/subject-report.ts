import type { Comparison, Pair } from "../compare.js";
import { mergeHistograms, percentilesOf } from "../stats/histogram.js";
import { median } from "../stats/quantile.js";
import { summarise } from "../stats/summary.js";
import type { Subject } from "../subject.js";
import { mergeCosts, mergeDelivered } from "./merge-parts.js";
import { noiseOfMachine, noiseOfRatio } from "./noise.js";
import type { SubjectCosts, SubjectReport } from "./report.js";

/** State of the machine during a workload. */
export interface Circumstances {
  readonly cores: number;
  /** Cores that the run itself kept busy beside it. */
  readonly busy?: number;
}

/** Returns the report of the pairs of one subject. */
export function reportOfSubject(
  { name, title, isAlone = false }: Pick<Subject, "name" | "title" | "isAlone">,
  comparison: Comparison,
  { cores, busy = 0 }: Circumstances,
): SubjectReport {
  const pairs = comparison.pairs.get(name) ?? [];
  const summary = (samples: number[]) => (samples.length === 0 ? null : summarise(samples));
  const ratio = summary(pairs.map((pair) => pair.subject / pair.reference));
  const latencies = mergeHistograms(pairs.map(({ measured }) => measured.latencies));
  const others = pairs.length === 0 ? 0 : Math.max(0, median(pairs.map((pair) => pair.others)) - busy);
  const drifts = comparison.drifting.has(name);
  return {
    name,
    title,
    value: summary(pairs.map((pair) => pair.subject)),
    reference: summary(pairs.map((pair) => pair.reference)),
    ratio,
    passes: [pairs.length],
    costs: mergeCosts(pairs.flatMap((pair) => costsOf(pair) ?? [])),
    latencies,
    percentiles: latencies && percentilesOf(latencies),
    delivered: mergeDelivered(pairs.map(({ measured }) => measured.delivered)),
    others,
    noise: pairs.length === 0 ? [] : [...noiseOfMachine({ others, cores, isAlone, drifts }), ...noiseOfRatio(ratio)],
  };
}

function costsOf({ costs, measured: { messages } }: Pair): SubjectCosts | null {
  if (costs === null) return null;
  const { wall, cpu, gc, heap } = costs;
  return {
    cpuPerMessage: messages === undefined ? null : (cpu * 1000) / messages,
    cores: cpu / wall,
    gcShare: gc / wall,
    heap,
  };
}
