import { describe, expect, test } from "vitest";
import { type AnyRinglineError, type ErrorCode, graph, isRinglineError, otherwise, pipeline } from "../../src/index.js";
import { planOf } from "../../src/topologies/plan.js";
import { A, B, C, kernels, type Untyped, untyped } from "../support/topology-kernels.js";

const { a, ab, ba, splits, both, sink, source } = kernels;

function thrownBy(call: () => unknown): AnyRinglineError {
  try {
    call();
  } catch (error) {
    if (isRinglineError(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** The code, and that the error names all of `names`. */
function expectRefusal(call: () => unknown, code: ErrorCode, ...names: string[]): void {
  const error = thrownBy(call);
  expect(error.code).toBe(code);
  const said = JSON.stringify([error.message, error.remedy, error.details]);
  for (const name of names) expect(said).toContain(name);
}
const expectInvalid = (call: () => unknown, nodes: string[], topology = "g"): void => {
  const error = thrownBy(call);
  expect(error.details).toMatchObject({ topology, nodes });
  for (const name of [topology, ...nodes]) expect(error.message).toContain(`"${name}"`);
};

/** Writes one thing, then returns another. */
const after = <Wire>(_: unknown, wire: Wire): Wire => wire;

describe("INVALID_ARGUMENT names the kernel or node, its topology and the option", () => {
  test.each<[string, object]>([
    ["workers", { workers: 0 }],
    ["workers", { workers: 1.5 }],
    ["workers", { workers: "2" }],
    ["workers", { workers: Number.POSITIVE_INFINITY }],
    ["rate", { rate: 0 }],
    ["rate", { rate: Number.NaN }],
    ["rate", { rate: -1 }],
    ["order", { order: "sorted" }],
    ["by", { by: "random" }],
    ["by", { by: {} }],
    ["by", { by: { key: "" } }],
    ["by", { by: { key: "messageId" } }],
    ["by", { by: { key: "n", also: 1 } }],
    ["by", { by: null }],
    ["queueSize", { queueSize: 0 }],
    ["backpressure", { backpressure: "drop" }],
    ["onError", { onError: "ignore" }],
    ["onError.retry", { onError: { retry: 0 } }],
    ["supervise.restart", { supervise: { restart: "sometimes" } }],
    ["supervise", { supervise: "all-for-one" }],
    ["order", { order: "fifo" }],
    ["name", { name: "" }],
    ["name", { name: 3 }],
    ["backend", { backend: "" }],
    ["worker", { worker: 3 }],
  ])("stage: %s in %o", (argument, options) => {
    const call = () => pipeline("outer").stage(a, untyped({ ...(argument !== "name" && { name: "one" }), ...options }));
    expectRefusal(call, "INVALID_ARGUMENT", "outer", "a");
    expect(thrownBy(call).details).toMatchObject({ argument });
    expect(thrownBy(call)).toMatchObject({ kernelId: "a", ...(argument !== "name" && { stage: "one" }) });
  });

  test.each(["fail", 3, null])("options that are %o", (options) => {
    expectRefusal(() => pipeline("outer").stage(a, untyped(options)), "INVALID_ARGUMENT", "outer", "options");
  });

  const nested = pipeline("inner").stage(a);
  test.each<[string, object]>([
    ["workers", { workers: 2 }],
    ["queueSize", { queueSize: 2 }],
    ["by", { by: "broadcast" }],
    ["supervise", { supervise: {} }],
    ["onError", { onError: () => "fail" }],
    ["onError", { onError: "ignore" }],
    ["backend", { backend: 1 }],
    ["name", { name: "" }],
  ])("nested topology: %s in %o", (argument, options) => {
    const call = () => pipeline("outer").stage(nested, untyped(options));
    expectRefusal(call, "INVALID_ARGUMENT", "outer");
    expect(thrownBy(call).details).toMatchObject({ argument });
  });

  const p: Untyped = pipeline("outer").stage(a);
  const into = () => A({ n: 1 });
  test.each<[string, string, () => unknown]>([
    ["max", "batch", () => p.batch(into, { max: 0 })],
    ["max", "batch", () => p.batch(into, {})],
    ["options", "batch", () => p.batch(into)],
    ["linger", "batch", () => p.batch(into, { max: 1, linger: -1 })],
    ["linger", "tens", () => p.batch(into, { max: 1, linger: Number.NaN, name: "tens" })],
    ["timeout", "batch", () => p.batch(into, { max: 1, timeout: 1 })],
    ["into", "batch", () => p.batch(undefined, { max: 1 })],
    ["keep", "filter", () => p.filter("n")],
    ["size", "filter", () => p.filter(() => true, { size: 1 })],
    ["name", "outer", () => p.filter(() => true, { name: "" })],
  ])("%s of a %s", (argument, node, call) => {
    expectRefusal(call, "INVALID_ARGUMENT", "outer", node);
    expect(thrownBy(call).details).toMatchObject({ argument });
  });

  const build = (write: (input: Untyped, tools: Untyped) => unknown) => () =>
    graph("g", A, (input, tools) => untyped(write(input, tools)));
  test.each<[string, string, () => unknown]>([
    ["routes", "route", build((input) => input.route({}))],
    ["routes", "route", build((input) => input.route(null))],
    ["routes.x", "route", build((input) => input.route({ x: true }))],
    ["routes.y", "route", build((input) => input.route({ x: otherwise, y: otherwise }))],
    ["wires", "merge", build((input, { merge }) => merge(input))],
    ["wire", "merge", build((input, { merge }) => merge(input, a))],
    ["wire", "join.y", build((input, { join }) => join(into, { x: input, y: null }, { timeout: 1 }))],
    ["branches", "join", build((input, { join }) => join(into, {}, { timeout: 1 }) && input)],
    ["branches", "join", build((input, { join }) => join(into, input.x, { timeout: 1 }))],
    ["into", "join", build((input, { join }) => join("A", { x: input }, { timeout: 1 }))],
    ["timeout", "join", build((input, { join }) => join(into, { x: input }, {}))],
    ["timeout", "meet", build((input, { join }) => join(into, { x: input }, { timeout: -1, name: "meet" }))],
    ["timeout", "join", build((input, { join }) => join(into, { x: input }, { timeout: Number.NaN }))],
    ["options", "join", build((input, { join }) => join(into, { x: input }))],
    ["limit", "join", build((input, { join }) => join(into, { x: input }, { timeout: 1, limit: 1 }))],
  ])("%s of a %s in a graph", (argument, node, call) => {
    expectRefusal(call, "INVALID_ARGUMENT", "g", node);
    expect(thrownBy(call).details).toMatchObject({ argument });
  });

  test.each<[string, () => unknown]>([
    ["name", () => pipeline("")],
    ["name", () => pipeline(untyped(undefined))],
    ["name", () => graph("", A, (input) => input.stage(a))],
    ["supervise", () => pipeline("p", untyped({ supervise: "rest-for-one" }))],
    ["supervise", () => pipeline("p", untyped({ supervise: { restart: "always" } }))],
    ["module", () => pipeline("p", untyped({ module: new URL("file:///p.js") }))],
    ["modul", () => pipeline("p", untyped({ modul: "file:///p.js" }))],
    ["options", () => pipeline("p", untyped("file:///p.js"))],
    ["build", () => graph("g", A, untyped(undefined))],
    ["input", () => graph("g", untyped("A"), (input) => input)],
    ["input", () => graph("g", [], (input) => input)],
    ["stage", () => pipeline("p").stage(untyped({ id: "a" }))],
    ["stage", () => pipeline("p").stage(untyped(undefined))],
    ["topology", () => planOf(a)],
    ["topology", () => planOf(undefined)],
  ])("%s", (argument, call) => {
    expect(thrownBy(call)).toMatchObject({ code: "INVALID_ARGUMENT", details: { argument } });
  });
});

describe("TYPE_MISMATCH, for callers without types", () => {
  const p: Untyped = pipeline("outer").stage(ab);
  test("a kernel, and a nested topology, that take something else", () => {
    expectRefusal(() => p.stage(a), "TYPE_MISMATCH", "outer", "a", "ab", "A", "B");
    expectRefusal(() => p.stage(pipeline("inner").stage(a)), "TYPE_MISMATCH", "outer", "inner", "A", "B");
    expect(thrownBy(() => p.stage(a))).toMatchObject({
      kernelId: "a",
      stage: "a",
      details: { wanted: ["A"], got: "B" },
    });
  });
  test("a stage that takes only some of what comes", () => {
    expectRefusal(() => (pipeline("outer").stage(splits) as Untyped).stage(a), "TYPE_MISMATCH", "B");
    expectRefusal(
      () =>
        graph("g", [A, B, C], (input, { merge }) => merge((input as Untyped).filter(C.is), input).stage(untyped(both))),
      "TYPE_MISMATCH",
      "C",
    );
  });
  test("not where a filter, a route or a function may see to it", () => {
    const guarded = pipeline("p").stage(splits);
    expect(planOf(guarded.filter(A.is).stage(a)).output).toEqual([["A"]]);
    expect(planOf(guarded.filter(A.is)).output).toEqual([["A", "B"]]);
    const made = guarded.batch(({ items }) => B({ n: items.length }), { max: 2 });
    expect(planOf(made.stage(ba)).nodes).toHaveLength(3);
    graph("g", [A, B], (input, { merge }) => {
      const { x, y } = input.route({ x: A.is, y: otherwise });
      return merge(x.stage(a), (y as Untyped).stage(ba) as typeof x);
    });
  });
  test("even there, when none of what comes fits", () => {
    expectRefusal(() => p.filter(() => true).stage(a), "TYPE_MISMATCH", "outer");
    expectRefusal(() => p.batch(C, { max: 2 }).stage(a), "TYPE_MISMATCH", "C");
  });
});

describe("INVALID_TOPOLOGY names the topology and the nodes", () => {
  test("nothing in it", () => {
    const empty: Untyped = pipeline("p");
    for (const call of [() => planOf(empty), () => empty.describe(), () => empty.filter(() => true)]) {
      expectInvalid(call, [], "p");
    }
    expectInvalid(() => pipeline("q").stage(empty), [], "p");
    expectInvalid(() => graph("g", A, (input) => input), []);
  });

  test("two nodes of one name", () => {
    expectInvalid(() => pipeline("p").stage(a).stage(a), ["a"], "p");
    expectInvalid(
      () =>
        pipeline("p")
          .stage(a, { name: "x" })
          .filter(() => true, { name: "x" }),
      ["x"],
      "p",
    );
    const inner = pipeline("inner").stage(a);
    expectInvalid(() => pipeline("p").stage(inner).stage(inner), ["inner"], "p");
    expectInvalid(() => pipeline("p").stage(inner).stage(a.as("inner")), ["inner"], "p");
    expectInvalid(() => pipeline("p").stage(a.as("inner/a")).stage(inner), ["inner/a"], "p");
    expectInvalid(() => graph("g", A, (input) => after(input.stage(sink), input.stage(a.as("sink")))), ["sink"]);
  });

  test("a source, which nothing can feed", () => {
    expectInvalid(() => pipeline("p").stage(source), ["source"], "p");
  });

  test("what follows a sink", () => {
    const ended: Untyped = pipeline("p").stage(sink);
    expectInvalid(() => ended.stage(a), ["a", "sink"], "p");
    expectInvalid(() => ended.filter(() => true), ["filter", "sink"], "p");
    const nested: Untyped = pipeline("p").stage(pipeline("inner").stage(a).stage(sink));
    expectInvalid(() => nested.stage(a), ["a", "inner"], "p");
    const build = (write: (sunk: Untyped, input: Untyped, tools: Untyped) => unknown) => () =>
      graph("g", A, (input, tools) => untyped(write(input.stage(sink), input, tools)));
    expectInvalid(
      build((sunk, input, { merge }) => merge(input, sunk)),
      ["merge", "sink"],
    );
    const branches = (x: unknown, y: unknown) => ({ x, y });
    const into = () => A({ n: 1 });
    expectInvalid(
      build((sunk, input, { join }) => join(into, branches(input, sunk), { timeout: 1, name: "meet" })),
      ["meet", "sink"],
    );
  });

  test("a wire that leads nowhere", () => {
    expectInvalid(() => graph("g", A, (input) => after(input.stage(ab), input.stage(a))), ["ab"]);
    expectInvalid(
      () =>
        graph("g", A, (input) => {
          const { low } = input.route({ high: ({ n }) => n > 9, low: otherwise, none: () => false });
          return low.stage(a);
        }),
      ["route.high", "route.none"],
    );
    const inner = pipeline("inner").stage(ab);
    expectInvalid(() => graph("g", A, (input) => after(input.stage(inner), input.stage(a))), ["inner/ab"]);
    expectInvalid(
      () =>
        graph("g", A, (input) =>
          after(
            input.filter(() => true),
            input.stage(sink),
          ),
        ),
      ["filter"],
    );
    // one that leads to a sink does
    graph("g", A, (input) => input.stage(sink));
  });

  test("a `build` that returns no wire", () => {
    for (const last of [undefined, a, Promise.resolve()]) {
      expectInvalid(() => graph("g", A, (input) => after(input.stage(sink), untyped(last))), []);
    }
  });

  test("a wire of another graph", () => {
    let foreign: Untyped;
    graph("other", A, (input) => {
      foreign = input.stage(a, { name: "far" });
      return foreign;
    });
    expectInvalid(() => foreign.stage(ab), ["far"], "other"); // it is finished
    expectInvalid(() => foreign.route({ x: otherwise }), ["far"], "other");
    const build = (write: (input: Untyped, tools: Untyped) => unknown) => () =>
      graph("g", A, (input, tools) => untyped(write(input, tools)));
    expectInvalid(
      build(() => foreign),
      ["exit", "far"],
    );
    expectInvalid(
      build((input, { merge }) => merge(input, foreign)),
      ["merge", "far"],
    );
    const into = () => A({ n: 1 });
    expectInvalid(
      build((input, { join }) => join(into, { x: input, y: foreign }, { timeout: 1 })),
      ["join.y", "far"],
    );
    expect(thrownBy(build((input, { merge }) => merge(input, foreign))).message).toContain('"other"');
  });
});
