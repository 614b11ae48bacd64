import { chained } from "../compute/chain.js";
import type { ComputePlan, MapPlan, ProgramPlan } from "../compute/compute-plan.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import {
  outletsOf,
  type Plan,
  type PlanNode,
  rewired,
  type Source,
  type StagePlan,
  sourcesOf,
} from "../topologies/plan.js";

/** A plan in which each chain of compute kernels is one node, and the stages of each such node. */
export interface FusedPlan {
  readonly plan: Plan;
  /** Stage names by the name of a fused node, which is the name of its first stage. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
}

/**
 * Fuses consecutive stages with device bodies into one node, if their place keeps intermediate results on the device.
 * Inner edges are first in, first out, and inputs stay in flight until their results have arrived. `fuses`: the place
 * where a stage runs; undefined for one that does not fuse.
 */
export function fuseChains(plan: Plan, fuses: (backend: string | undefined) => string | undefined): FusedPlan {
  const chains = chainsOf(plan, fuses);
  if (chains.every((chain) => chain.length === 1)) return { plan, chains: new Map() };
  const moved = new Map<number, number>();
  // a chain takes the position of its last stage, so that every node still follows its sources
  const kept = [...chains].sort((a, b) => (a.at(-1) as number) - (b.at(-1) as number));
  for (const [index, chain] of kept.entries()) for (const old of chain) moved.set(old, index);
  const move = ({ node, route }: Source): Source => ({ node: moved.get(node) ?? -1, route });
  const nodes = kept.map((chain) => rewired(together(chain.map((old) => plan.nodes[old] as PlanNode)), move));
  const names = kept
    .filter((chain) => chain.length > 1)
    .map((chain) => chain.map((old) => plan.nodes[old]?.name as string));
  return {
    plan: { ...plan, nodes, exit: plan.exit && move(plan.exit) },
    chains: new Map(names.map((all) => [all[0] as string, all])),
  };
}

/** Partitions the nodes into chains that become one node each. */
function chainsOf(plan: Plan, fuses: (backend: string | undefined) => string | undefined): number[][] {
  const chains: number[][] = [];
  for (const [index, node] of plan.nodes.entries()) {
    const before = chains.find((chain) => follows(plan, chain.at(-1) as number, node, fuses));
    if (before === undefined) chains.push([index]);
    else before.push(index);
  }
  return chains;
}

function follows(
  plan: Plan,
  before: number,
  node: PlanNode,
  fuses: (backend: string | undefined) => string | undefined,
): boolean {
  const first = plan.nodes[before] as PlanNode;
  if (first.kind !== "kernel" || node.kind !== "kernel" || node.from.node !== before || node.durable) return false;
  const place = fuses(first.backend);
  if (place === undefined || fuses(node.backend) !== place) return false;
  return isPlain(first) && isPlain(node) && isAlike(first, node) && isReadOnce(plan, before);
}

/** True for a compute stage with one worker and no rate limit. */
const isPlain = ({ maxWorkers, rate, kernel }: StagePlan) =>
  maxWorkers === 1 && rate === Number.POSITIVE_INFINITY && kernel.compute !== undefined;

/**
 * True if both stages handle failures alike, and the output of the first has the memory layout of the second's input.
 */
function isAlike(first: StagePlan, next: StagePlan): boolean {
  const [a, b] = [first.kernel.compute as ComputePlan, next.kernel.compute as ComputePlan];
  if (a.kind !== b.kind || first.group !== next.group) return false;
  if ((first.onError ?? first.kernel.onError) !== (next.onError ?? next.kernel.onError)) return false;
  // a stage that may fall back to its host body does not take others with it
  if ((a as MapPlan).fallsBack !== (b as MapPlan).fallsBack) return false;
  if (b.kind === "map") return !restarts(first) && !restarts(next) && (a as MapPlan).outputs === undefined;
  // fields beside buffers and counted lengths are known on the device only, but the host needs them to size the work
  const { output, counters } = a as ProgramPlan;
  const isCounted = output.plan.buffers.some(({ name }) => counters.includes(name));
  return (b as ProgramPlan).input.plan.members.length === 0 && !isCounted;
}

/** True for a stage whose state must be kept separately. */
const restarts = ({ kernel, supervise }: StagePlan) =>
  kernel.compute?.kind === "map" &&
  kernel.compute.state !== undefined &&
  (supervise?.restart ?? kernel.supervise.restart) !== "never";

function isReadOnce(plan: Plan, index: number): boolean {
  const sources = plan.nodes.flatMap((node) => sourcesOf(node).map(({ source }) => source));
  if (plan.exit !== undefined) sources.push(plan.exit);
  const outlets = outletsOf(plan.nodes[index] as PlanNode, index);
  return outlets.length === 1 && sources.filter(({ node }) => node === index).length === 1;
}

function together(nodes: readonly PlanNode[]): PlanNode {
  const [first] = nodes as readonly [PlanNode];
  if (nodes.length === 1) return first;
  return {
    ...(first as StagePlan),
    kernel: chained(nodes.map((node) => (node as StagePlan).kernel as KernelDefinition)),
  };
}
