import { type Plan, type Source, sourcesOf } from "./plan.js";

/** A topology as data that JSON can hold, and as a drawing. */
export interface Description {
  readonly name: string;
  /** Nodes, those of nested topologies too, as "outer/inner". A node comes after all nodes that feed it. */
  readonly nodes: readonly {
    readonly name: string;
    readonly kind: "kernel" | "filter" | "route" | "merge" | "join" | "batch";
    /** Number of workers; of a running flow: at the moment. */
    readonly workers: number;
    /** Limits of a stage that adapts the number of workers to its load. */
    readonly scaling?: { readonly min: number; readonly max: number };
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
      if (node.kind !== "kernel") return { name, kind, workers: 1, backend: null };
      const { workers, backend = null, scaling } = node;
      const limits = scaling && { scaling: { min: scaling.min, max: scaling.max } };
      return { name, kind, workers, backend, ...limits };
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
  const drawn = nodes.map(({ name, kind, workers, scaling, backend }) => {
    const [open, close] = SHAPES[kind];
    const times = scaling === undefined ? workers : `${scaling.min} to ${scaling.max}`;
    const label = name + (times === 1 ? "" : ` × ${times}`) + (backend === null ? "" : ` (${backend})`);
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
