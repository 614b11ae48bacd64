import { type Plan, type PlanNode, type Source, sourcesOf } from "../topologies/plan.js";
import type { InFlightPlan } from "./in-flight-counter.js";

/** The counter indices of a node of the plan. */
export interface NodeCounts {
  /** Indices: one for each worker that a stage may have, one for a join or a batch, none for a function. */
  readonly own: readonly number[];
  /** Index of the reorderer after the workers; undefined without one. */
  readonly reorder: number | undefined;
  /** The first region that ends here: one for each branch of a join, one for a reorderer. */
  readonly region: number;
  /** The region upstream of a durable edge; undefined without one. */
  readonly edge: number | undefined;
}

/** The nodes of a plan as a flow counts them. */
export class FlowNodes {
  readonly counts: readonly NodeCounts[];
  readonly inFlightPlan: InFlightPlan;
  readonly #plan: Plan;
  readonly #ancestors: readonly ReadonlySet<number>[];

  constructor(plan: Plan, flow: string) {
    this.#plan = plan;
    this.#ancestors = ancestors(plan.nodes);
    let nodes = 0;
    let regions = 0;
    const take = (count: number) => Array.from({ length: count }, () => nodes++);
    this.counts = plan.nodes.map((node, index) => {
      const own = take(sizeOf(node));
      const reorder = keepsOrder(node) ? take(1)[0] : undefined;
      const region = regions;
      regions += node.kind === "join" ? node.branches.size : reorder === undefined ? 0 : 1;
      const edge = node.kind === "kernel" && node.durable && this.ancestorsOf(index).size > 0 ? regions++ : undefined;
      return { own, reorder, region, edge };
    });
    this.inFlightPlan = { flow, nodes, regions, regionsOf: this.#regionsOf(nodes) };
  }

  /** Nodes of the plan upstream of this one. */
  ancestorsOf(index: number): ReadonlySet<number> {
    return this.#ancestors[index] as ReadonlySet<number>;
  }

  /** Nodes of the plan downstream of this one. */
  descendantsOf(index: number): readonly number[] {
    return this.#plan.nodes.flatMap((_, other) => (this.ancestorsOf(other).has(index) ? [other] : []));
  }

  /** Counter indices of all nodes upstream of a node of the plan. */
  upstream(index: number): readonly number[] {
    return [...this.ancestorsOf(index)].flatMap((other) => this.all(other));
  }

  /** Counter indices of a node of the plan, with its reorderer. */
  all(index: number): readonly number[] {
    const { own, reorder } = this.counts[index] as NodeCounts;
    return reorder === undefined ? own : [...own, reorder];
  }

  #regionsOf(nodes: number): number[][] {
    const regionsOf = Array.from({ length: nodes }, (): number[] => []);
    const add = (region: number, members: readonly number[]) => {
      for (const node of members) regionsOf[node]?.push(region);
    };
    for (const [index, node] of this.#plan.nodes.entries()) {
      const { own, reorder, region, edge } = this.counts[index] as NodeCounts;
      if (reorder !== undefined) add(region, [...this.upstream(index), ...own]);
      if (edge !== undefined) add(edge, this.upstream(index));
      if (node.kind !== "join") continue;
      for (const [i, source] of [...node.branches.values()].entries()) add(region + i, this.#upTo(source));
    }
    return regionsOf;
  }

  #upTo({ node }: Source): readonly number[] {
    return node === -1 ? [] : [...this.upstream(node), ...this.all(node)];
  }
}

export function keepsOrder(node: PlanNode): boolean {
  return node.kind === "kernel" && node.maxWorkers > 1 && node.order === "preserve" && node.kernel.output.length > 0;
}

function sizeOf(node: PlanNode): number {
  if (node.kind === "kernel") return node.maxWorkers;
  return node.kind === "join" || node.kind === "batch" ? 1 : 0;
}

export function ancestors(nodes: readonly PlanNode[]): ReadonlySet<number>[] {
  const before: ReadonlySet<number>[] = [];
  for (const node of nodes) {
    const direct = sourcesOf(node).flatMap(({ source }) => (source.node === -1 ? [] : [source.node]));
    before.push(new Set(direct.flatMap((index) => [index, ...(before[index] as ReadonlySet<number>)])));
  }
  return before;
}

const REPLAY = "replay ";

/**
 * Name in the journal of the way by which replayed dead letters enter a node without a durable edge. `kernelId`: the only
 * worker that gets them.
 */
export const replayEdge = (node: string, kernelId: string | undefined): string =>
  `${REPLAY}${JSON.stringify([node, kernelId])}`;

/** Node and worker of an edge of replayed dead letters; undefined for a durable edge of the topology. */
export function replayedAt(edge: string): readonly [node: string, kernelId?: string] | undefined {
  return edge.startsWith(REPLAY) ? JSON.parse(edge.slice(REPLAY.length)) : undefined;
}
