import { describe, expect, test } from "vitest";
import { body, defineKernel, defineMessage, graph, otherwise, pipeline, StageFailure } from "../../src/index.js";
import { all, door, N, numbers, plus, range, stage, watched } from "../support/flow-kit.js";
import { codeOf, quiet, watch } from "../support/settling.js";

const Pair = defineMessage("Pair", body<{ readonly x: N; readonly y: N }>());
const Items = defineMessage("Items", body<{ readonly items: readonly N[] }>());
const plusPair = defineKernel({ id: "pair", input: Pair, output: Pair, handle: ({ x, y }) => Pair({ x, y }) });
const wait = { timeout: 60_000 };

describe("a graph", () => {
  test("joins the branches of each input, whatever their order", async () => {
    const slow = stage("slow", async ({ n }) => {
      for (let i = 0; i < (n % 7) * 3; i++) await undefined;
      return N({ n: n * 10 });
    });
    const diamond = graph("diamond", N, (input, { join }) => {
      const a = input.stage(plus("a", 0));
      return join(Pair, { x: a.stage(slow, { workers: 3, order: "unordered" }), y: a.stage(plus("c", 1)) }, wait);
    });
    const flow = await watched().runtime.run(diamond);
    const seen = await all(flow.process(numbers(200)));
    expect(seen.every(({ x, y }) => x.n === (y.n - 1) * 10)).toBe(true);
    expect(seen.map(({ y }) => y.n - 1).sort((a, b) => a - b)).toEqual(range(200));
  });

  test("routes to the first that says yes; what no route takes is a dead letter", async () => {
    const { runtime, letters: deadLetters } = watched();
    const routed = graph("routed", N, (input, { merge }) => {
      const { even, three } = input.route({ even: ({ n }) => n % 2 === 0, three: ({ n }) => n % 3 === 0 });
      return merge(even.stage(plus("e", 100)), three.stage(plus("t", 200)));
    });
    const flow = await runtime.run(routed);
    const seen = (await all(flow.process(numbers(10)))).map(({ n }) => n);
    expect(seen.sort((a, b) => a - b)).toEqual([100, 102, 104, 106, 108, 203, 209]);
    expect(deadLetters.map(({ reason, stage, message }) => [reason, stage, (message as N).n])).toEqual(
      [1, 5, 7].map((n) => ["NO_ROUTE", "route", n]),
    );
    expect(await codeOf(() => flow.request(N({ n: 1 })))).toBe("NO_ROUTE");
  });

  test("a join gives up on an input whose branch has nothing for it", async () => {
    const { runtime, letters: deadLetters } = watched();
    const partial = graph("partial", N, (input, { join }) => {
      const x = input.stage(plus("a", 0)).filter(({ n }) => n % 2 === 0);
      return join(Pair, { x, y: input.stage(plus("b", 0)) }, wait);
    });
    const flow = await runtime.run(partial);
    expect((await all(flow.process(numbers(10)))).map(({ x }) => x.n)).toEqual([0, 2, 4, 6, 8]);
    expect(deadLetters.map(({ reason, error }) => [reason, error.details])).toEqual(
      range(5).map(() => ["JOIN_INCOMPLETE", { node: "join", missing: ["x"] }]),
    );
    expect(await codeOf(() => flow.request(N({ n: 1 })))).toBe("JOIN_INCOMPLETE");
  });

  test("a join gives up after its time-out", async () => {
    const { runtime, letters: deadLetters } = watched();
    const held = door();
    const late = graph("late", N, (input, { join }) => {
      const x = input.stage(stage("a", (m) => held.opened.then(() => m)));
      return join(Pair, { x, y: input.stage(plus("b", 0)) }, { timeout: 20 });
    });
    const flow = await runtime.run(late);
    const asked = watch(flow.request(N({ n: 1 })));
    await expect.poll(() => asked.state).toBe("JOIN_INCOMPLETE");
    held.open();
    await flow.drain({ timeout: 60_000 });
    expect(deadLetters.map(({ reason }) => reason)).toEqual(["JOIN_INCOMPLETE", "JOIN_INCOMPLETE"]);
  });

  test("a join pairs several messages of an input in order", async () => {
    const { runtime, letters: deadLetters } = watched();
    const twice = (id: string, count: number) => stage(id, ({ n }) => range(count).map((i) => N({ n: n * 10 + i })));
    const flow = await runtime.run(
      graph("pairs", N, (input, { join }) =>
        join(Pair, { x: input.stage(twice("a", 3)), y: input.stage(twice("b", 2)) }, wait),
      ),
    );
    const seen = (await all(flow.process(numbers(3)))).map(({ x, y }) => [x.n, y.n]);
    expect(seen.sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0))).toEqual(
      range(3).flatMap((n) => range(2).map((i) => [n * 10 + i, n * 10 + i])),
    );
    expect(deadLetters.length).toBe(3);
  });

  test("batches by size, and gives the rest at the end", async () => {
    const flow = await watched().runtime.run(pipeline("p").stage(plus("a", 0)).batch(Items, { max: 4 }));
    const seen = (await all(flow.process(numbers(10)))).map(({ items }) => items.map(({ n }) => n));
    expect(seen).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
  });

  test("a batch lingers no longer than it may, and answers all that are in it", async () => {
    const flow = await watched().runtime.run(pipeline("p").stage(plus("a", 0)).batch(Items, { max: 10, linger: 10 }));
    const answers = await Promise.all(numbers(3).map((message) => flow.request(message, { timeout: 60_000 })));
    expect(answers.map(({ items }) => items.length)).toEqual([3, 3, 3]);
  });

  test("a flow that is full of incomplete batches goes on", async () => {
    const flow = await watched().runtime.run(
      graph("g", N, (input, { merge }) => {
        const { even, odd } = input.stage(plus("a", 0)).route({ even: ({ n }) => n % 2 === 0, odd: otherwise });
        const batched = even.batch(Items, { max: 8 });
        return merge(batched, odd.stage(plus("o", 0)));
      }),
      { maxInFlight: 8 },
    );
    for (let n = 0; n < 40; n += 2) await flow.send(N({ n }), { timeout: 60_000 });
    await flow.drain({ timeout: 60_000 });
  });

  test("a failure passes by all later nodes; a join tells one", async () => {
    const failing = (id: string) =>
      stage(id, ({ n }) => {
        if (n % 3 === 0) throw new Error(id);
        return N({ n });
      });
    const { runtime, letters: deadLetters } = watched();
    const flow = await runtime.run(
      graph("g", N, (input, { join }) => {
        const x = input.stage(failing("x"), { onError: "reply" }).stage(plus("x2", 0));
        const y = input.stage(failing("y"), { onError: "reply" });
        return join(Pair, { x, y }, wait).stage(plusPair);
      }),
    );
    const seen = await all(flow.process(numbers(9)));
    expect(seen.filter(StageFailure.is).length).toBe(3);
    expect(seen.filter((m) => m.type === "Pair").length).toBe(6);
    expect(deadLetters).toEqual([]);
    const answer = await flow.request(N({ n: 0 }));
    if (!StageFailure.is(answer)) throw new Error("no failure");
    expect(["x", "y"]).toContain(answer.stage);
    expect(answer.error.code).toBe("KERNEL_FAILED");
  });

  test("failures keep the order that later stages keep", async () => {
    const sometimes = stage("s", async ({ n }) => {
      for (let i = 0; i < (n % 4) * 3; i++) await undefined;
      if (n % 5 === 0) throw new Error("five");
      return N({ n });
    });
    const jitter = stage("j", async ({ n }) => {
      for (let i = 0; i < (n % 3) * 5; i++) await undefined;
      return N({ n });
    });
    const flow = await watched().runtime.run(
      pipeline("p").stage(sometimes, { workers: 3, onError: "reply" }).stage(jitter, { workers: 4 }),
    );
    const seen = (await all(flow.process(numbers(60)))).map((m) => (StageFailure.is(m) ? "failed" : m.n));
    expect(seen).toEqual(range(60).map((n) => (n % 5 === 0 ? "failed" : n)));
  });

  test("what a function throws makes a dead letter, named after the node", async () => {
    const { runtime, letters: deadLetters, errors } = watched();
    const flow = await runtime.run(
      pipeline("p")
        .stage(plus("a", 0))
        .filter(
          ({ n }) => {
            if (n === 1) throw new Error("cannot say");
            return true;
          },
          { name: "sieve" },
        ),
    );
    expect((await all(flow.process(numbers(3)))).map(({ n }) => n)).toEqual([0, 2]);
    expect(deadLetters.map(({ stage, kernelId }) => [stage, kernelId])).toEqual([["sieve", "p"]]);
    expect(errors.map(({ stage, code }) => [stage, code])).toEqual([["sieve", "KERNEL_FAILED"]]);
    expect(await codeOf(() => flow.request(N({ n: 1 })))).toBe("KERNEL_FAILED");
  });

  test("fan-out waits for the slow one and gives everybody everything once", async () => {
    const held = door();
    const slow = stage("slow", (m) => held.opened.then(() => m), { queueSize: 1 });
    const { runtime } = watched();
    const flow = await runtime.run(
      graph("g", N, (input, { merge }) => {
        const a = input.stage(plus("a", 0));
        return merge(a.stage(slow), a.stage(plus("fast", 1000)));
      }),
    );
    const outputs = flow.process(numbers(20));
    const first = await outputs.next();
    expect(first.value?.n).toBe(1000);
    await quiet();
    expect((await runtime.telemetry("g.fast")).received).toBeLessThan(5);
    held.open();
    const rest = (await all(outputs)).map(({ n }) => n);
    expect([...rest, 1000].sort((a, b) => a - b)).toEqual([...range(20), ...range(20).map((n) => n + 1000)]);
  });

  test("who refuses its part of a fan-out leaves a dead letter, the others are not sent it twice", async () => {
    const { runtime, letters: deadLetters } = watched();
    const held = door();
    const refusing = stage("refusing", (m) => held.opened.then(() => m), { queueSize: 1, backpressure: "reject" });
    const flow = await runtime.run(
      graph("g", N, (input, { merge }) => {
        const a = input.stage(plus("a", 0), { onError: { retry: 3, backoff: { initial: 0 } } });
        return merge(a.stage(refusing), a.stage(plus("fast", 1000)));
      }),
    );
    const outputs = flow.process(numbers(5));
    const seen = [(await outputs.next()).value?.n];
    held.open();
    seen.push(...(await all(outputs)).map(({ n }) => n));
    expect(seen.filter((n) => (n ?? 0) >= 1000).sort()).toEqual(range(5).map((n) => n + 1000));
    expect(deadLetters.every(({ reason, stage }) => reason === "QUEUE_FULL" && stage === "refusing")).toBe(true);
    expect(seen.length + deadLetters.length).toBe(10);
  });
});
