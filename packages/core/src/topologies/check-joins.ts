import { invalidTopology, listed } from "./invalid-topology.js";
import type { JoinPlan, Plan, PlanNode } from "./plan.js";
import { nameOf } from "./plan-sources.js";
import { type Ways, waysOf } from "./ways.js";

/**
 * Refuses joins that can never complete: two branches that no input feeds both. Throws `INVALID_TOPOLOGY` with the names of
 * the join, the two branches and the node that parts them.
 */
export function checkJoins({ name, nodes }: Plan): void {
  const ways = waysOf(nodes);
  for (const node of nodes) if (node.kind === "join") checkJoin(name, node, nodes, ways);
}

function checkJoin(topology: string, join: JoinPlan, nodes: readonly PlanNode[], ways: Ways): void {
  const branches = [...join.branches];
  for (const [i, [left, from]] of branches.entries()) {
    for (const [right, other] of branches.slice(i + 1)) {
      const parting = ways.parting(from, other);
      if (parting === undefined) continue;
      const at = nodes[parting]!;
      const ends = [from, other].map((source) => nameOf(source, nodes));
      const why =
        at.kind === "batch"
          ? `"${at.name}" mixes inputs on the way to one of them only`
          : `an input takes one route of "${at.name}"`;
      const remedy =
        at.kind === "batch"
          ? `Batch after the join, or before the branches part.`
          : `Use \`merge\` where one of several branches answers; a join wants a message of each.`;
      const problem = `join "${join.name}" can never complete: its branches "${left}" and "${right}" (from ${listed(ends)}) never get the same input, as ${why}`;
      throw invalidTopology(topology, [...new Set([join.name, ...ends, at.name])], problem, remedy);
    }
  }
}
