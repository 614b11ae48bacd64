import type { NodeView } from "../watch/model.js";
import type { WirePicture } from "./client.js";

type Drawn = Pick<WirePicture, "nodes" | "edges">;

/** The running topology as a flowchart in Mermaid's language. */
export function mermaidOf({ nodes, edges }: Drawn): string {
  const ids = idsOf({ nodes, edges });
  const lines = [...ids].map(
    ([id, short]) => `  ${short}["${label(id, nodes).replace(/["#&<>;]/g, (c) => `#${c.charCodeAt(0)};`)}"]`,
  );
  const arrows = edges.map(
    ({ from, to, kind }) => `  ${ids.get(from)} ${kind === "peer" ? "-.->" : "-->"} ${ids.get(to)}`,
  );
  return ["flowchart LR", ...lines, ...arrows, ""].join("\n");
}

/** The running topology in the language of Graphviz. */
export function dotOf({ nodes, edges }: Drawn): string {
  const ids = idsOf({ nodes, edges });
  const quoted = (text: string) => JSON.stringify(text);
  const lines = [...ids].map(([id, short]) => `  ${short} [label=${quoted(label(id, nodes))}];`);
  const arrows = edges.map(({ from, to, kind, label: name }) => {
    const more = [...(kind === "peer" ? ["style=dashed"] : []), ...(name === null ? [] : [`label=${quoted(name)}`])];
    return `  ${ids.get(from)} -> ${ids.get(to)}${more.length > 0 ? ` [${more.join(", ")}]` : ""};`;
  });
  return ["digraph ringline {", "  rankdir=LR;", "  node [shape=box];", ...lines, ...arrows, "}", ""].join("\n");
}

/** A short id for each node and each end of an edge, so that a name may be any text. */
function idsOf({ nodes, edges }: Drawn): Map<string, string> {
  const all = new Set([...nodes.map(({ id }) => id), ...edges.flatMap(({ from, to }) => [from, to])]);
  return new Map([...all].map((id, i) => [id, `n${i}`]));
}

function label(id: string, nodes: readonly NodeView[]): string {
  const node = nodes.find((one) => one.id === id);
  if (node === undefined) return id.replace(/^(.*)>(in|out)$/, "$2put of $1");
  const workers = node.kernels.length > 1 ? ` × ${node.kernels.length}` : "";
  return `${id}${workers}${node.backend === null ? "" : ` (${node.backend})`}`;
}
