import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { graph, isRinglineError, pipeline } from "../../src/index.js";
import { nameOf, planOf, sourcesOf } from "../../src/topologies/plan.js";
import { pick } from "../support/operations.js";
import { A, kernels, type Untyped, untyped } from "../support/topology-kernels.js";

const { a, sink } = kernels;
const into = () => A({ n: 1 });
const nested = graph("nested", A, (input, { merge }) =>
  merge(
    input.stage(a),
    input.filter(() => true),
  ),
);

/** The next node, and the wires that it takes. */
const step = fc.record({
  kind: fc.constantFrom("stage", "filter", "route", "merge", "join", "batch", "nested", "sink"),
  at: pick,
  also: pick,
  workers: fc.integer({ min: 1, max: 4 }),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Writes the steps; what nobody reads in the end is merged into the exit. */
function write(input: Untyped, { merge, join }: { merge: Untyped; join: Untyped }, steps: readonly Step[]): Untyped {
  const wires: Untyped[] = [input];
  const unread = new Set<Untyped>();
  const read = (index: number): Untyped => {
    const wire = wires[index % wires.length];
    unread.delete(wire);
    return wire;
  };
  const made = (wire: Untyped) => {
    wires.push(wire);
    unread.add(wire);
  };
  for (const [i, { kind, at, also, workers }] of steps.entries()) {
    const from = read(at);
    if (kind === "stage") made(from.stage(a, { name: `stage ${i}`, workers }));
    else if (kind === "nested") made(from.stage(nested, { name: `nested ${i}` }));
    else if (kind === "sink") from.stage(sink, { name: `sink ${i}` });
    else if (kind === "filter") made(from.filter(() => true));
    else if (kind === "batch") made(from.batch(into, { max: 2 }));
    else if (kind === "merge") made(merge(from, read(also)));
    else if (kind === "join") made(join(into, { x: from, y: read(also) }, { timeout: 1 }));
    else for (const wire of Object.values(from.route({ x: () => true, y: () => false }))) made(wire);
  }
  const [last = input, ...others] = unread;
  return others.length === 0 ? last : merge(last, ...others);
}

const random = fc.array(step, { minLength: 1, maxLength: 12 });
const build = (steps: readonly Step[]) =>
  graph("g", A, (input, tools) => untyped(write(untyped(input), untyped(tools), steps)));
/** Undefined for one of a join that can never complete; nothing else is wrong with them. */
function sound(steps: readonly Step[]) {
  try {
    return build(steps);
  } catch (error) {
    if (!isRinglineError(error, "INVALID_TOPOLOGY")) throw error;
    expect(error.details.problem).toContain("can never complete");
    return undefined;
  }
}

describe("random graphs", () => {
  test("a node comes after all that feed it; every name is its own; nothing is left unread", () => {
    fc.assert(
      fc.property(random, (steps) => {
        const topology = sound(steps);
        if (topology === undefined) return;
        const { nodes, exit } = planOf(topology);
        expect(new Set(nodes.map(({ name }) => name)).size).toBe(nodes.length);
        const read = new Set(exit === undefined ? [] : [nameOf(exit, nodes)]);
        for (const [i, node] of nodes.entries()) {
          for (const { source } of sourcesOf(node)) {
            expect(source.node).toBeLessThan(i);
            const feeder = nodes[source.node];
            expect(source.route !== null).toBe(feeder?.kind === "route");
            if (feeder?.kind === "route") expect(feeder.routes.has(source.route!)).toBe(true);
            read.add(nameOf(source, nodes));
          }
        }
        for (const node of nodes) {
          const ends = node.kind === "kernel" && node.kernel.output.length === 0;
          const outlets =
            node.kind === "route" ? [...node.routes.keys()].map((route) => `${node.name}.${route}`) : [node.name];
          if (!ends) for (const outlet of outlets) expect(read).toContain(outlet);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("the description says what the plan says, and the drawing what the description says", () => {
    fc.assert(
      fc.property(random, (steps) => {
        const topology = sound(steps);
        if (topology === undefined) return;
        const { nodes, exit } = planOf(topology);
        const description = topology.describe();
        expect(JSON.parse(JSON.stringify(description))).toEqual(description);
        expect(description.nodes.map(({ name, kind }) => [name, kind])).toEqual(
          nodes.map(({ name, kind }) => [name, kind]),
        );
        const feeds = nodes.flatMap((node) =>
          sourcesOf(node).map(({ source }) => [nodes[source.node]?.name ?? null, node.name]),
        );
        if (exit !== undefined) feeds.push([nodes[exit.node]?.name ?? null, null as never]);
        expect(description.edges.map(({ from, to }) => [from, to])).toEqual(feeds);
        const lines = description.mermaid.trimEnd().split("\n");
        const arrows = lines.filter((line) => line.includes(" -->"));
        expect(arrows).toHaveLength(feeds.length);
        expect(lines).toHaveLength(1 + 1 + (exit === undefined ? 0 : 1) + nodes.length + feeds.length);
      }),
      { numRuns: 200 },
    );
  });

  test("nested, they are the same nodes under a prefix, fed by what comes before", () => {
    fc.assert(
      fc.property(random, (steps) => {
        const topology = sound(steps);
        if (topology === undefined) return;
        const inner = planOf(topology);
        const outer = planOf(pipeline("outer").stage(a).stage(untyped(topology)));
        expect(outer.nodes.slice(1).map(({ name }) => name)).toEqual(inner.nodes.map(({ name }) => `g/${name}`));
        const moved = (node: number) => node + 1; // one node stands before; the inner input (-1) is that node
        expect(outer.nodes.slice(1).map((node) => sourcesOf(node).map(({ source }) => source.node))).toEqual(
          inner.nodes.map((node) => sourcesOf(node).map(({ source }) => moved(source.node))),
        );
        expect(outer.exit?.node).toBe(inner.exit && moved(inner.exit.node));
      }),
      { numRuns: 200 },
    );
  });
});
