import { checkJoins } from "./check-joins.js";
import { invalidTopology, listed } from "./invalid-topology.js";
import type { Plan, Source } from "./plan.js";
import { nameOf, outletsOf, sourcesOf } from "./plan-sources.js";

/** The plan, if it can run. Throws `INVALID_TOPOLOGY`. */
export function checkGraph(plan: Plan): Plan {
  if (plan.nodes.length === 0) {
    throw invalidTopology(plan.name, [], "it has no nodes", "Give it a stage: `input.stage(kernel)`.");
  }
  checkWires(plan);
  checkJoins(plan);
  return plan;
}

/** Checks that every output of a node goes to another node, or out. */
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
