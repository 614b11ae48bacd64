import { type Plan, type Source, sourcesOf } from "./plan.js";

/** A topology as data that JSON can hold, and as a drawing. */
export interface Description {
  readonly name: string;
  /** Nodes, those of nested topologies too, as "outer/inner". A node comes after all nodes that feed it. */
  readonly nodes: readonly {
    readonly name: string;
    readonly kind: "kernel" | "filter" | "route" | "merge" | "join" | "batch";
    readonly workers: number;
    /** Null: the runtime's default. */
    readonly backend: string | null;
  }[];
  readonly edges: readonly {
    /** Null: the input of the topology. */
    readonly from: string | null;
    /** Null: the output of the topology. */
    readonly to: string | null;
    /** The route that the edge leaves by and the join branch that it enters; null without either. */
    readonly label: string | null;
  }[];
  /** A flowchart in Mermaid's language. */
  readonly mermaid: string;
}

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

type Drawn = Omit<Description, "mermaid">;

/** Delimiters around the label of a node. */
const SHAPES = {
  kernel: ["[", "]"],
  filter: ["{{", "}}"],
  route: ["{", "}"],
  merge: ["((", "))"],
  join: ["[/", "\\]"],
  batch: ["[[", "]]"],
} as const;

/** A flowchart in Mermaid's language. Nodes have ids of their own, so that a name may be any text. */
function drawPlan({ nodes, edges }: Drawn): string {
  const ids = new Map<string | null, string>(nodes.map(({ name }, i) => [name, `n${i}`]));
  const drawn = nodes.map(({ name, kind, workers, backend }) => {
    const [open, close] = SHAPES[kind];
    const label = name + (workers > 1 ? ` × ${workers}` : "") + (backend === null ? "" : ` (${backend})`);
    return `  ${ids.get(name)}${open}"${escaped(label)}"${close}`;
  });
  const arrows = edges.map(({ from, to, label }) => {
    const arrow = label === null ? "-->" : `-->|"${escaped(label)}"|`;
    return `  ${from === null ? "in" : ids.get(from)} ${arrow} ${to === null ? "out" : ids.get(to)}`;
  });
  const ends = [
    `  in(["input"])`,
    ...(edges.some(({ to }) => to === null) ? [`  out(["output"])`] : []), // a topology may end in sinks
  ];
  return ["flowchart LR", ...ends, ...drawn, ...arrows, ""].join("\n");
}

/** Escapes text between quotes: special characters of Mermaid, and of the Markdown in it, become character codes. */
function escaped(text: string): string {
  return text.replace(/[^\p{L}\p{N} _.,:/()×→=-]|[.-](?= )/gu, (sign) => `#${sign.codePointAt(0)};`);
}
