import { invalidTopology, listed } from "./invalid-topology.js";
import { type Paths, pathsOf } from "./paths.js";
import type { JoinPlan, Plan, PlanNode, Source } from "./plan.js";
import { nameOf, outletsOf, sourcesOf } from "./plan-sources.js";

/** Returns the plan if it can run. Throws `INVALID_TOPOLOGY`. */
export function checkGraph(plan: Plan): Plan {
  if (plan.nodes.length === 0) {
    throw invalidTopology(plan.name, [], "it has no nodes", "Give it a stage: `input.stage(kernel)`.");
  }
  checkWires(plan);
  checkJoins(plan);
  return plan;
}

/** Checks that every output of a node leads to another node or to the exit. */
function checkWires({ name, nodes, exit }: Plan): void {
  const read = new Set(nodes.flatMap((node) => sourcesOf(node).map(({ source }) => key(source))));
  if (exit !== undefined) read.add(key(exit));
  const dangling = nodes.flatMap((node, i) => outletsOf(node, i)).filter((source) => !read.has(key(source)));
  if (dangling.length === 0) return;
  const names = dangling.map((source) => nameOf(source, nodes));
  const problem = `no node reads the output of ${listed(names)}`;
  const remedy = "Connect it to a stage, merge it into the result, or end it in a kernel without output.";
  throw invalidTopology(name, names, problem, remedy);
}

const key = ({ node, route }: Source): string => JSON.stringify([node, route]);

/**
 * Rejects joins that can never complete: two branches that no input feeds both. Throws `INVALID_TOPOLOGY` with the
 * names of the join, the two branches and the node where they diverge.
 */
function checkJoins({ name, nodes }: Plan): void {
  const ways = pathsOf(nodes);
  for (const node of nodes) if (node.kind === "join") checkJoin(name, node, nodes, ways);
}

function checkJoin(topology: string, join: JoinPlan, nodes: readonly PlanNode[], ways: Paths): void {
  const branches = [...join.branches];
  for (const [i, [left, from]] of branches.entries()) {
    for (const [right, other] of branches.slice(i + 1)) {
      const parting = ways.divergence(from, other);
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
