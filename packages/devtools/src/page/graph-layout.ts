import { Graph, layout } from "@dagrejs/dagre";
import type { EdgeView } from "../watch/model.js";

export interface Placed {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface GraphLayout {
  readonly width: number;
  readonly height: number;
  readonly nodes: ReadonlyMap<string, Placed>;
  /** Path of each edge, in the order of the edges. */
  readonly paths: readonly { readonly d: string; readonly x: number; readonly y: number }[];
}

/** Size of a kernel, of another node, and of the ends of a flow. */
export const BOX = { width: 180, height: 88 };
const SMALL = { width: 104, height: 40 };
const END = { width: 72, height: 30 };

/**
 * Places the nodes of a graph in ranks. `isKernel`: false for a node that is drawn small. `isTall`: from top to bottom,
 * for a narrow screen.
 */
export function layoutOf(
  ids: readonly string[],
  edges: readonly EdgeView[],
  isKernel: (id: string) => boolean,
  isTall: boolean,
): GraphLayout {
  if (ids.length === 0) return { width: 0, height: 0, nodes: new Map(), paths: [] };
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: isTall ? "TB" : "LR", nodesep: 24, ranksep: isTall ? 36 : 30, marginx: 12, marginy: 12 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const id of ids) graph.setNode(id, { ...(id.includes(">") ? END : isKernel(id) ? BOX : SMALL) });
  const known = new Set(ids);
  for (const [i, { from, to, kind }] of edges.entries()) {
    if (!known.has(from) || !known.has(to)) continue;
    graph.setEdge(
      from,
      to,
      { minlen: 1, weight: kind === "peer" ? 1 : 4, width: isTall ? 48 : 36, height: 14, labelpos: "c" },
      String(i),
    );
  }
  layout(graph);
  const placed = (id: string): Placed => {
    const { x = 0, y = 0, width = 0, height = 0 } = graph.node(id) as Partial<Placed>;
    return { x: x - width / 2, y: y - height / 2, width, height };
  };
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  const paths = edges.map(({ from, to }, i) => {
    const edge = known.has(from) && known.has(to) ? graph.edge(from, to, String(i)) : undefined;
    const points = (edge?.points ?? []) as { x: number; y: number }[];
    const middle = points[Math.floor(points.length / 2)] ?? { x: 0, y: 0 };
    return { d: curve(points), x: edge?.x ?? middle.x, y: edge?.y ?? middle.y };
  });
  return { width, height, nodes: new Map(ids.map((id) => [id, placed(id)])), paths };
}

/** A smooth line through points: quadratic curves between the middles of its segments. */
function curve(points: readonly { readonly x: number; readonly y: number }[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  const last = rest.at(-1) ?? first;
  const turns = rest.slice(0, -1).map((point, i) => {
    const next = rest[i + 1] ?? last;
    return `Q${point.x},${point.y} ${(point.x + next.x) / 2},${(point.y + next.y) / 2}`;
  });
  return `M${first.x},${first.y} ${turns.join(" ")} L${last.x},${last.y}`;
}
