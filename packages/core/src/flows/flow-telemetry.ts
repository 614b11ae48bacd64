import type { LaunchedKernel } from "../runtime/launched-kernel.js";
import { type KernelTelemetry, type Latency, type Ledger, NO_LATENCY, NO_THROUGHPUT } from "../telemetry/telemetry.js";
import type { StagePlan } from "../topologies/plan.js";
import type { RunningStage } from "./build-flow.js";
import type { FlowCore } from "./flow-core.js";
import type { FlowTelemetry, StageTelemetry } from "./flow-types.js";
import type { FusedPlan } from "./fuse-chains.js";

/** Combines the counts of the stages and the flow. */
export async function flowTelemetry(
  core: FlowCore,
  running: readonly RunningStage[],
  chains: FusedPlan["chains"],
): Promise<FlowTelemetry> {
  const units = await Promise.all(
    running.map(async (stage) => {
      const { plan, kernels } = stage;
      const all = [...kernels, ...stage.left];
      const now = await Promise.all(all.map((kernel) => kernel.telemetry()));
      // those that have left meanwhile are part of both
      const gone = now.filter((_, i) => i >= kernels.length && !stage.left.has(all[i] as LaunchedKernel));
      const workers = now.filter((one) => !gone.includes(one));
      return {
        ...mergeWorkers(plan, stage.past === undefined ? workers : [...workers, stage.past]),
        workers: kernels.length,
      };
    }),
  );
  return {
    asOf: Date.now(),
    inFlight: core.admission.inFlight,
    ...flowMeasures(core),
    bottleneck: bottleneckOf(units, running),
    stages: units.flatMap((unit) => chainStages(unit, chains.get(unit.stage))),
  };
}

export function flowMeasures({
  measures: { rate, latency, settled },
}: FlowCore): Pick<FlowTelemetry, "throughput" | "latency"> {
  return { throughput: rate?.throughput(settled) ?? NO_THROUGHPUT, latency: latency?.latency() ?? NO_LATENCY };
}

/**
 * Splits the telemetry of a fused chain by stage: the first has the port, the counts of the others come with the
 * batches.
 */
function chainStages(unit: StageTelemetry, names: readonly string[] | undefined): readonly StageTelemetry[] {
  if (names === undefined) return [unit];
  const before = unit.kernelId.slice(0, unit.kernelId.length - unit.stage.length);
  return names.map((stage, i) => {
    const { received, sent } = unit.device?.inner?.[i] ?? { received: unit.processed, sent: unit.sent };
    const kernelId = `${before}${stage}`;
    if (i === 0) return { ...unit, sent };
    const input = { accepted: received, queued: 0, inHand: 0, done: received, dropped: 0, deadLettered: 0 };
    const own = { kernelId, stage, received, processed: received, sent, ledger: { ...unit.ledger, input } };
    const none = { dropped: 0, rejected: 0, deadLettered: 0, requeued: 0, errors: 0, wait: NO_LATENCY };
    return { ...unit, ...none, ...own };
  });
}

const COUNTS = [
  ...["received", "processed", "sent", "dropped", "rejected", "deadLettered", "requeued", "errors", "restarts"],
] as readonly (keyof KernelTelemetry & ("received" | "processed"))[];

/** Merges the telemetry of the workers of a stage. */
export function mergeWorkers(plan: StagePlan, workers: readonly KernelTelemetry[]): StageTelemetry {
  const [first] = workers as readonly [KernelTelemetry];
  const total = (value: (worker: KernelTelemetry) => number) => workers.reduce((sum, worker) => sum + value(worker), 0);
  const ledger = (port: "input" | "output") => {
    const names = Object.keys(first.ledger[port]) as (keyof Ledger)[];
    return Object.fromEntries(names.map((name) => [name, total((worker) => worker.ledger[port][name])])) as Ledger;
  };
  const slowest = (value: (worker: KernelTelemetry) => Latency): Latency => {
    const most = (part: "p50" | "p90" | "p99" | "max") => Math.max(...workers.map((worker) => value(worker)[part]));
    const octaves = workers.map((worker) => value(worker).octaves);
    const longest = Math.max(...octaves.map(({ length }) => length));
    return {
      ...{ p50: most("p50"), p90: most("p90"), p99: most("p99"), max: most("max") },
      octaves: Array.from({ length: longest }, (_, i) => octaves.reduce((sum, counts) => sum + (counts[i] ?? 0), 0)),
    };
  };
  return {
    ...first,
    ...Object.fromEntries(COUNTS.map((name) => [name, total((worker) => worker[name])])),
    kernelId: plan.maxWorkers === 1 ? first.kernelId : first.kernelId.slice(0, first.kernelId.lastIndexOf("_")),
    stage: plan.name,
    workers: workers.length,
    ledger: { input: ledger("input"), output: ledger("output") },
    throughput: {
      recent: total(({ throughput }) => throughput.recent),
      overall: total(({ throughput }) => throughput.overall),
    },
    wait: slowest(({ wait }) => wait),
    processing: slowest(({ processing }) => processing),
  };
}

/** The last stage whose queue is at least half as full as the fullest: those before it fill up because of it. */
function bottleneckOf(stages: readonly StageTelemetry[], running: readonly RunningStage[]): string | null {
  const shares = stages.map(({ ledger, workers }, i) => {
    const { queued } = ledger.input;
    return queued <= workers ? 0 : queued / (running[i]?.plan.kernel.queueSize ?? 1) / workers;
  });
  const fullest = Math.max(...shares);
  if (!(fullest > 0)) return null;
  const full = stages.filter((_, i) => (shares[i] ?? 0) >= fullest / 2);
  return full.at(-1)?.stage ?? null;
}
