import type { Comparison, Pair } from "../compare.js";
import { summarise } from "../stats/summary.js";
import { mergeCosts, mergeDelivered, mergePercentiles } from "./merge-parts.js";
import { type Circumstances, noiseOfMachine, noiseOfRatio } from "./noise.js";
import type { SubjectCosts, SubjectReport } from "./report.js";

/** What the pairs of one subject say. */
export function reportOfSubject(
  { name, title }: { readonly name: string; readonly title: string },
  comparison: Comparison,
  machine: Omit<Circumstances, "steady">,
): SubjectReport {
  const pairs = comparison.pairs.get(name) ?? [];
  const summary = (samples: number[]) => (samples.length === 0 ? null : summarise(samples));
  const ratio = summary(pairs.map((pair) => pair.subject / pair.reference));
  const steady = !comparison.unsteady.has(name);
  return {
    name,
    title,
    value: summary(pairs.map((pair) => pair.subject)),
    reference: summary(pairs.map((pair) => pair.reference)),
    ratio,
    passes: [pairs.length],
    costs: mergeCosts(pairs.flatMap((pair) => costsOf(pair) ?? [])),
    percentiles: mergePercentiles(pairs.map(({ measured }) => measured.percentiles)),
    delivered: mergeDelivered(pairs.map(({ measured }) => measured.delivered)),
    noise: pairs.length === 0 ? [] : [...noiseOfMachine({ ...machine, steady }), ...noiseOfRatio(ratio)],
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
