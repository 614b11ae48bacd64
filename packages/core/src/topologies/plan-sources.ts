import type { PlanNode, Source } from "./plan.js";

/** The sources of a node, with the branch of each if the node is a join. */
export function sourcesOf(node: PlanNode): readonly { readonly source: Source; readonly branch: string | null }[] {
  if (node.kind === "join") return [...node.branches].map(([branch, source]) => ({ source, branch }));
  const sources = node.kind === "merge" ? node.from : [node.from];
  return sources.map((source) => ({ source, branch: null }));
}

/** A copy of a node with its sources mapped by `moved`. */
export function rewired(node: PlanNode, moved: (source: Source) => Source): PlanNode {
  switch (node.kind) {
    case "join":
      return { ...node, branches: new Map([...node.branches].map(([name, source]) => [name, moved(source)])) };
    case "merge":
      return { ...node, from: node.from.map(moved) };
    default:
      return { ...node, from: moved(node.from) };
  }
}

/** The points at which messages leave a node; empty for a stage without output. */
export function outletsOf(node: PlanNode, index: number): readonly Source[] {
  if (node.kind === "route") return [...node.routes.keys()].map((route) => ({ node: index, route }));
  if (node.kind === "kernel" && node.kernel.output.length === 0) return [];
  return [{ node: index, route: null }];
}

/** The name of a source in errors and drawings. */
export function nameOf(source: Source, nodes: readonly PlanNode[]): string {
  const name = nodes[source.node]?.name ?? "input";
  return source.route === null ? name : `${name}.${source.route}`;
}
