import type { Description } from "./description.js";
import { drawPlan } from "./draw-plan.js";
import type { Plan, Source } from "./plan.js";
import { sourcesOf } from "./plan-sources.js";

/** A plan as data that JSON can hold, and as a drawing. */
export function describePlan(plan: Plan): Description {
  const { name, nodes, exit } = plan;
  const edge = (source: Source, to: string | null, branch: string | null) => ({
    from: nodes[source.node]?.name ?? null,
    to,
    label: [source.route, branch].filter((part) => part !== null).join(" → ") || null,
  });
  const edges = nodes.flatMap((node) => sourcesOf(node).map(({ source, branch }) => edge(source, node.name, branch)));
  const description = {
    name,
    nodes: nodes.map((node) => {
      const { name, kind } = node;
      const [workers, backend] = node.kind === "kernel" ? [node.workers, node.backend ?? null] : [1, null];
      return { name, kind, workers, backend };
    }),
    edges: exit === undefined ? edges : [...edges, edge(exit, null, null)],
  };
  return { ...description, mermaid: drawPlan(description) };
}
