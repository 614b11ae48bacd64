import { expect, test } from "vitest";
import { graph, otherwise, pipeline } from "../../src/index.js";
import { A, kernels } from "../support/topology-kernels.js";

const { a, sink } = kernels;

test("a description holds nodes and edges as data, and a drawing with a shape for each kind", () => {
  const inner = pipeline("inner").stage(a, { workers: 3, backend: "gpu" });
  const topology = graph("g", A, (input, { join, merge }) => {
    const { high, low } = input.route({ high: ({ n }) => n > 9, low: otherwise });
    low.stage(sink);
    const kept = high.filter(({ n }) => n > 1);
    const joined = join(({ x }) => x, { x: kept, y: high.stage(inner) }, { timeout: 1 });
    return merge(joined, kept).batch(({ items }) => A({ n: items.length }), { max: 2 });
  });
  const description = topology.describe();
  expect(JSON.parse(JSON.stringify(description))).toEqual(description);
  expect(description).toEqual({
    name: "g",
    nodes: [
      { name: "route", kind: "route", workers: 1, backend: null },
      { name: "sink", kind: "kernel", workers: 1, backend: null },
      { name: "filter", kind: "filter", workers: 1, backend: null },
      { name: "inner/a", kind: "kernel", workers: 3, backend: "gpu" },
      { name: "join", kind: "join", workers: 1, backend: null },
      { name: "merge", kind: "merge", workers: 1, backend: null },
      { name: "batch", kind: "batch", workers: 1, backend: null },
    ],
    edges: [
      { from: null, to: "route", label: null },
      { from: "route", to: "sink", label: "low" },
      { from: "route", to: "filter", label: "high" },
      { from: "route", to: "inner/a", label: "high" },
      { from: "filter", to: "join", label: "x" },
      { from: "inner/a", to: "join", label: "y" },
      { from: "join", to: "merge", label: null },
      { from: "filter", to: "merge", label: null },
      { from: "merge", to: "batch", label: null },
      { from: "batch", to: null, label: null },
    ],
    mermaid: description.mermaid,
  });
  expect(description.mermaid).toBe(`flowchart LR
  in(["input"])
  out(["output"])
  n0{"route"}
  n1["sink"]
  n2{{"filter"}}
  n3["inner/a × 3 (gpu)"]
  n4[/"join"\\]
  n5(("merge"))
  n6[["batch"]]
  in --> n0
  n0 -->|"low"| n1
  n0 -->|"high"| n2
  n0 -->|"high"| n3
  n2 -->|"x"| n4
  n3 -->|"y"| n4
  n4 --> n5
  n2 --> n5
  n5 --> n6
  n6 --> out
`);
});

test("a topology that ends in sinks has no output", () => {
  const { edges, mermaid } = pipeline("p").stage(sink).describe();
  expect(edges).toEqual([{ from: null, to: "sink", label: null }]);
  expect(mermaid).not.toContain("out");
});

test("names that Mermaid would take for its own are escaped", () => {
  const names = ['"];end', "a\nb", "<b>&", "#35;", "`code`", "end", "|x|", "größe ✓", "1. one", "- x", "*x*"];
  const chain = names.reduce((p, name) => p.filter(() => true, { name }), pipeline("p").stage(a));
  const lines = chain.describe().mermaid.trimEnd().split("\n");
  expect(lines).toHaveLength(3 + names.length + 1 + names.length + 2);
  for (const line of lines.slice(4, 4 + names.length))
    expect(line).toMatch(/^ {2}n\d+\{\{"([\p{L}\p{N} ]|#\d+;)+"\}\}$/u);
});
