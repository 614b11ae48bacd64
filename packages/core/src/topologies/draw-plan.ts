import type { Description } from "./description.js";

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
export function drawPlan({ nodes, edges }: Drawn): string {
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

/** Text between quotes: signs of Mermaid's, and of the Markdown that it reads there, as numbers. */
function escaped(text: string): string {
  return text.replace(/[^\p{L}\p{N} _.,:/()×→=-]|[.-](?= )/gu, (sign) => `#${sign.codePointAt(0)};`);
}
