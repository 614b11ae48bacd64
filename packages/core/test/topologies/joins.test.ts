import { describe, expect, test } from "vitest";
import { checkCapacities } from "../../src/flows/run-flow.js";
import { type AnyRinglineError, graph, otherwise, pipeline } from "../../src/index.js";
import { planOf } from "../../src/topologies/plan.js";
import { A, kernels, type Untyped, untyped } from "../support/topology-kernels.js";

const { a, ab, splits } = kernels;
const into = () => A({ n: 1 });
const within = { timeout: 1 };

type Write = (input: Untyped, tools: { merge: Untyped; join: Untyped }) => unknown;
const built = (write: Write) => planOf(graph("g", A, (input, tools) => untyped(write(untyped(input), untyped(tools)))));
const named = (id: string) => a.as(id);
const halves = { high: ({ n }: { n: number }) => n > 9, low: otherwise };

/** Returns the nodes that INVALID_TOPOLOGY names, or undefined when the graph can run. */
function nodesRefused(write: Write): readonly string[] | undefined {
  try {
    built(write);
    return undefined;
  } catch (error) {
    const { code, details, message } = error as AnyRinglineError;
    expect(code).toBe("INVALID_TOPOLOGY");
    const { nodes } = details as { nodes: readonly string[] };
    for (const node of nodes) expect(message).toContain(`"${node}"`);
    return nodes;
  }
}

describe("a join", () => {
  test("of branches that each input feeds can run", () => {
    const plan = built((input, { join }) => {
      const first = input.stage(a);
      return join(into, { x: first.stage(ab), y: first.filter(() => true), z: input }, { timeout: 5, name: "meet" });
    });
    expect(plan.nodes.at(-1)).toMatchObject({ kind: "join", name: "meet", into, timeout: 5 });
    expect([...(plan.nodes.at(-1) as Untyped).branches]).toEqual([
      ["x", { node: 1, route: null }],
      ["y", { node: 2, route: null }],
      ["z", { node: -1, route: null }],
    ]);
  });

  test("of two routes of one node never completes", () => {
    const direct: Write = (input, { join }) => {
      const { high, low } = input.route(halves);
      return join(into, { x: high, y: low }, within);
    };
    expect(nodesRefused(direct)).toEqual(["join", "route.high", "route.low", "route"]);
    const later: Write = (input, { join }) => {
      const { high, low } = input.stage(a).route(halves, { name: "fork" });
      const branches = { x: high.stage(named("h")), y: low.filter(() => true).stage(named("l")) };
      return join(into, branches, { timeout: 1, name: "meet" });
    };
    expect(nodesRefused(later)).toEqual(["meet", "h", "l", "fork"]);
  });

  test("of routes that come together again can run", () => {
    const mended: Write = (input, { merge, join }) => {
      const { high, low } = input.route(halves);
      return join(into, { x: merge(high.stage(named("h")), low), y: low.stage(named("l")) }, within);
    };
    expect(nodesRefused(mended)).toBeUndefined();
  });

  test("of two nodes' routes can run, but not where one hangs on the other", () => {
    const two: Write = (input, { join, merge }) => {
      const one = input.route(halves);
      const other = input.route(halves);
      return merge(join(into, { x: one.high, y: other.low }, within), one.low, other.high);
    };
    expect(nodesRefused(two)).toBeUndefined();
    const below: Write = (input, { join, merge }) => {
      const { high, low } = input.route(halves);
      const deeper = high.route(halves);
      return merge(join(into, { x: deeper.low, y: low }, within), deeper.high);
    };
    expect(nodesRefused(below)).toEqual(["join", "route_2.low", "route.low", "route"]);
  });

  test("of routes can run where one input may bring several messages to the node", () => {
    const split: Write = (input, { join }) => {
      const { x, y } = input.stage(splits).route({ x: A.is, y: otherwise });
      return join(into, { x, y }, within);
    };
    expect(nodesRefused(split)).toBeUndefined();
    const merged: Write = (input, { join, merge }) => {
      const { high, low } = merge(input.stage(a), input.stage(named("b"))).route(halves);
      return join(into, { x: high, y: low }, within);
    };
    expect(nodesRefused(merged)).toBeUndefined();
    const broadcast: Write = (input, { join }) => {
      const { high, low } = input.stage(a, { workers: 2, by: "broadcast" }).route(halves);
      return join(into, { x: high, y: low }, within);
    };
    expect(nodesRefused(broadcast)).toBeUndefined();
    const rejoined: Write = (input, { join, merge }) => {
      const fork = input.route(halves);
      const { high, low } = merge(fork.high.stage(a), fork.low).route(halves);
      return join(into, { x: high, y: low }, within);
    };
    expect(nodesRefused(rejoined)).toEqual(["join", "route_2.high", "route_2.low", "route_2"]);
  });

  test("of a batch and what is not batched never completes exactly, of one batch it does", () => {
    const mixed: Write = (input, { join }) => join(into, { x: input.batch(into, { max: 2 }), y: input }, within);
    expect(nodesRefused(mixed)).toEqual(["join", "batch", "input"]);
    const both: Write = (input, { join }) => {
      const batch = input.batch(into, { max: 2 });
      return join(into, { x: batch.stage(a), y: batch }, within);
    };
    expect(nodesRefused(both)).toBeUndefined();
  });

  test("is judged where it is nested, too", () => {
    const inner = graph("inner", A, (input, { join }) => join(into, { x: input.stage(a), y: input }, within));
    expect(nodesRefused((input) => input.stage(inner))).toBeUndefined();
    const outer: Write = (input, { join }) => {
      const { high, low } = input.route(halves);
      return join(into, { x: high.stage(inner), y: low }, { timeout: 1, name: "outer" });
    };
    expect(nodesRefused(outer)).toEqual(["outer", "inner/join", "route.low", "route"]);
  });

  test("behind many forks is not judged, and takes no time", () => {
    const many: Write = (input, { join, merge }) => {
      let wire = input;
      for (let i = 0; i < 40; i++) {
        const { high, low } = wire.route(halves);
        wire = merge(high.stage(named(`k${i}`)), low);
      }
      return join(into, { x: wire, y: input }, within);
    };
    expect(nodesRefused(many)).toBeUndefined();
  });
});

describe("checkCapacities", () => {
  const batches = (...options: { max: number; linger?: number }[]) =>
    planOf(options.reduce((chain: Untyped, each) => chain.batch(into, each), pipeline("p").stage(a)));
  const refused = (plan: ReturnType<typeof planOf>, maxInFlight: number): readonly string[] | undefined => {
    try {
      return checkCapacities(plan, maxInFlight) as undefined;
    } catch (error) {
      const { code, details } = error as AnyRinglineError;
      expect([code, details]).toMatchObject(["INVALID_TOPOLOGY", { topology: "p" }]);
      return (details as { nodes: readonly string[] }).nodes;
    }
  };

  test("a batch that cannot be full with what may be in flight", () => {
    expect(refused(batches({ max: 10 }), 9)).toEqual(["batch"]);
    expect(refused(batches({ max: 10 }), 10)).toBeUndefined();
    expect(refused(batches({ max: 10, linger: 0 }), 1)).toBeUndefined();
    expect(refused(batches(), 1)).toBeUndefined();
  });

  test("a batch of batches", () => {
    expect(refused(batches({ max: 10 }, { max: 5 }), 49)).toEqual(["batch", "batch_2"]);
    expect(refused(batches({ max: 10 }, { max: 5 }), 50)).toBeUndefined();
    expect(refused(batches({ max: 10, linger: 5 }, { max: 5 }), 40)).toEqual(["batch_2"]);
  });

  test("batches that share out the inputs", () => {
    const plan = planOf(
      graph("p", A, (input, { merge }) => {
        const { high, low } = input.route(halves);
        return merge(high.batch(into, { max: 8 }), low.batch(into, { max: 8 }));
      }),
    );
    expect(refused(plan, 14)).toEqual(["batch", "batch_2"]);
    expect(refused(plan, 15)).toBeUndefined();
  });
});
