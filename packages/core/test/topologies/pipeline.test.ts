import { describe, expect, test } from "vitest";
import { graph, otherwise, pipeline } from "../../src/index.js";
import { planOf, type RoutePlan, type StagePlan } from "../../src/topologies/plan.js";
import { A, B, kernels, namesOf, untyped } from "../support/topology-kernels.js";

const { a, ab, ba, sink } = kernels;
const stages = (topology: unknown) => planOf(topology).nodes as readonly StagePlan[];

describe("a pipeline", () => {
  test("comes to a plan with every default filled in", () => {
    const plan = planOf(pipeline("p").stage(ab));
    expect(plan).toMatchObject({ name: "p", module: undefined, supervise: "one-for-one" });
    expect(namesOf(plan.input)).toEqual(["A"]);
    expect(plan.output).toEqual([["B"]]);
    expect(plan.exit).toEqual({ node: 0, route: null });
    expect(plan.nodes).toMatchObject([
      {
        kind: "kernel",
        name: "ab",
        from: { node: -1, route: null },
        kernel: { id: "ab", queueSize: 4096, backpressure: "block" },
        backend: undefined,
        workers: 1,
        by: "round-robin",
        key: undefined,
        order: "preserve",
        rate: Number.POSITIVE_INFINITY,
        onError: undefined,
        supervise: undefined,
        group: null,
      },
    ]);
  });

  test("keeps what its stages say", () => {
    const onError = () => "retry" as const;
    const supervise = { restart: "always" } as const;
    const options = {
      name: "x",
      backend: "gpu",
      workers: 3,
      order: "unordered",
      rate: 0.5,
      onError,
      supervise,
    } as const;
    const port = { queueSize: 2, backpressure: "reject" } as const;
    const [stage] = stages(pipeline("p").stage(a, { ...options, ...port, by: "broadcast" }));
    expect(stage).toMatchObject({ ...options, by: "broadcast", kernel: { ...port, id: "a", definedAs: "a" } });
  });

  test("takes the earlier name of an order", () => {
    const [stage] = stages(pipeline("p").stage(a, { order: "any" }));
    expect(stage).toMatchObject({ order: "unordered" });
  });

  test("shares by a function, or by a field whose name stays known", () => {
    const byN = (message: { n: number }) => message.n;
    const [one, two] = stages(
      pipeline("p")
        .stage(a, { by: byN })
        .stage(ab, { by: { key: "n" } }),
    );
    expect([one?.by, one?.key, two?.key]).toEqual([byN, undefined, "n"]);
    expect((two!.by as (message: unknown) => unknown)(A({ n: 7 }))).toBe(7);
  });

  test("is left as it was by each step", () => {
    const one = pipeline("p").stage(a);
    const two = one.stage(ab);
    const other = one.filter(({ n }) => n > 1);
    expect([one, two, other].map((each) => planOf(each).nodes.map(({ name }) => name))).toEqual([
      ["a"],
      ["a", "ab"],
      ["a", "filter"],
    ]);
    expect(one.stage(ab).describe()).toEqual(two.describe()); // the name is free in the first one still
    expect(Object.isFrozen(one)).toBe(true);
    expect(planOf(two)).toBe(planOf(two));
  });

  test("has filters and batches as nodes", () => {
    const keep = ({ n }: { n: number }) => n > 1;
    const into = ({ items }: { items: { n: number }[] }) => B({ n: items.length });
    const plan = planOf(
      pipeline("p", { module: "file:///p.js" })
        .stage(a)
        .filter(keep)
        .batch(into, { max: 3, linger: 5, name: "threes" })
        .filter(keep)
        .batch(into, { max: 2, linger: Number.POSITIVE_INFINITY }),
    );
    const module = "file:///p.js";
    expect(plan.nodes.slice(1)).toEqual([
      { kind: "filter", name: "filter", module, from: { node: 0, route: null }, keep },
      { kind: "batch", name: "threes", module, from: { node: 1, route: null }, into, max: 3, linger: 5 },
      { kind: "filter", name: "filter_2", module, from: { node: 2, route: null }, keep },
      { kind: "batch", name: "batch", module, from: { node: 3, route: null }, into, max: 2, linger: undefined },
    ]);
    expect(plan.output).toBeUndefined(); // what a function makes is not known
  });

  test("ends in a sink", () => {
    expect(planOf(pipeline("p").stage(a).stage(sink))).toMatchObject({ exit: undefined, output: undefined });
  });

  test("gives nodes without a name one that no stage has", () => {
    const plan = planOf(
      pipeline("p")
        .stage(a)
        .filter(() => true)
        .stage(a.as("filter")),
    );
    expect(plan.nodes.map(({ name }) => name)).toEqual(["a", "filter_2", "filter"]);
  });
});

describe("a nested topology", () => {
  const inner = pipeline("inner", { module: "file:///inner.js", supervise: "all-for-one" })
    .stage(ab, { onError: "fail", backend: "threads" })
    .filter(() => true)
    .stage(ba);

  test("is taken apart, under its name", () => {
    const plan = planOf(pipeline("outer").stage(a).stage(inner).stage(ab));
    expect(plan.nodes.map(({ name, module }) => [name, module])).toEqual([
      ["a", undefined],
      ["inner/ab", "file:///inner.js"],
      ["inner/filter", "file:///inner.js"],
      ["inner/ba", "file:///inner.js"],
      ["ab", undefined],
    ]);
    expect(plan.nodes.map((node) => (node as StagePlan).from.node)).toEqual([-1, 0, 1, 2, 3]);
    expect(plan.exit).toEqual({ node: 4, route: null });
  });

  test("can be used twice under two names, and be nested again", () => {
    const twice = pipeline("twice").stage(inner, { name: "x" }).stage(inner, { name: "y" });
    const names = planOf(pipeline("outer").stage(twice)).nodes.map(({ name }) => name);
    expect(names).toEqual([..."xy"].flatMap((name) => ["ab", "filter", "ba"].map((each) => `twice/${name}/${each}`)));
  });

  test("hands its backend and its onError on to the stages that say nothing", () => {
    const [first, , last] = stages(pipeline("outer").stage(inner, { backend: "gpu", onError: "reply" }));
    expect([first?.backend, first?.onError]).toEqual(["threads", "fail"]);
    expect([last?.backend, last?.onError]).toEqual(["gpu", "reply"]);
  });

  test("restarts as one where it says so", () => {
    const groups = (topology: unknown) =>
      stages(topology).flatMap((node) => (node.kind === "kernel" ? [node.group] : []));
    const middle = pipeline("middle").stage(a).stage(inner);
    expect(groups(inner)).toEqual(["", ""]);
    expect(groups(middle)).toEqual([null, "inner", "inner"]);
    expect(groups(pipeline("outer").stage(middle))).toEqual([null, "middle/inner", "middle/inner"]);
    expect(groups(pipeline("outer", { supervise: "all-for-one" }).stage(middle))).toEqual(["", "", ""]);
  });

  test("that only forks leaves its input as its exit", () => {
    const tap = graph("tap", A, (input) => {
      input.stage(sink);
      return input;
    });
    const plan = planOf(pipeline("outer").stage(a).stage(tap).stage(ab));
    expect(plan.nodes.map((node) => (node as StagePlan).from.node)).toEqual([-1, 0, 0]);
    expect(planOf(tap).exit).toEqual({ node: -1, route: null });
  });

  test("that leaves its input as its exit sends on what came, not all that it takes", () => {
    const tap = graph("tap", [A, B], (input) => {
      input.filter(A.is).stage(sink);
      return input;
    });
    const plan = planOf(untyped(pipeline("outer").stage(a).stage(tap)).stage(ab));
    expect(plan.nodes.map(({ name }) => name)).toEqual(["a", "tap/filter", "tap/sink", "ab"]);
  });
});

test("a route asks for the rest last, wherever it stands", () => {
  const high = ({ n }: { n: number }) => n > 9;
  const topology = graph("g", A, (input, { merge }) => {
    const routes = input.route({ low: otherwise, high });
    return merge(routes.high, routes.low);
  });
  expect(planOf(topology).nodes[0]).toMatchObject({ kind: "route", name: "route" });
  expect([...(planOf(topology).nodes[0] as RoutePlan).routes]).toEqual([
    ["high", high],
    ["low", otherwise],
  ]);
});
