import { invalidTopology, listed } from "./invalid-topology.js";
import type { BatchPlan, Plan, PlanNode, Source } from "./plan.js";
import { sourcesOf } from "./plan-sources.js";

/**
 * Refuses batches that could wait for ever to be full: without `linger`, and with room for all inputs that may be in flight
 * at once. A stage that sends several messages for an input needs fewer of them; that cannot be known here.
 * Throws `INVALID_TOPOLOGY`.
 */
export function checkCapacities({ name, nodes }: Plan, maxInFlight: number): void {
  const inputs = inputsPerMessage(nodes);
  const waiting = nodes.filter((node): node is BatchPlan => node.kind === "batch" && node.linger === undefined);
  // the inputs that they can hold together while none of them is full, and the one that fills the first
  const needed = waiting.reduce((sum, { from, max }) => sum + (max - 1) * inputs(from), 1);
  if (needed <= maxInFlight || waiting.length === 0) return;
  const names = waiting.map((node) => node.name);
  const problem = `${maxInFlight} inputs in flight may never fill ${listed(names)}, which hold up to ${needed - 1} and wait for more`;
  const remedy = `Give them a \`linger\` (milliseconds), or run the topology with \`maxInFlight: ${needed}\` or more.`;
  throw invalidTopology(name, names, problem, remedy);
}

/** Maximum number of inputs that a message stands for, by its source. */
function inputsPerMessage(nodes: readonly PlanNode[]): (source: Source) => number {
  const counts: number[] = [];
  const at = ({ node }: Source): number => (node === -1 ? 1 : counts[node]!);
  for (const node of nodes) {
    const most = Math.max(...sourcesOf(node).map(({ source }) => at(source)));
    counts.push(node.kind === "batch" ? most * node.max : most);
  }
  return at;
}
