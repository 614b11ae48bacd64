import { describe, expect, test } from "vitest";
import { defineKernel, pipeline } from "../../src/index.js";
import { all, door, N, numbers, plus, range, stage, watched } from "../support/flow-kit.js";
import { codeOf, quiet } from "../support/settling.js";

describe("what a flow tells", () => {
  test("telemetry, by stage and end to end", async () => {
    const flow = await watched().runtime.run(
      pipeline("p").stage(plus("a")).stage(plus("b"), { workers: 3, name: "three" }),
    );
    await all(flow.process(numbers(200)));
    const telemetry = await flow.telemetry();
    expect(telemetry.inFlight).toBe(0);
    expect(telemetry.throughput.overall).toBeGreaterThan(0);
    expect(telemetry.latency.max).toBeGreaterThan(0);
    expect(
      telemetry.stages.map(({ stage, workers, processed, kernelId }) => [stage, workers, processed, kernelId]),
    ).toEqual([
      ["a", 1, 200, "p.a"],
      ["three", 3, 200, "p.three"],
    ]);
    expect(telemetry.stages[1]?.ledger.input).toMatchObject({ accepted: 200, done: 200, queued: 0 });
    expect(telemetry.bottleneck).toBe(null);
  });

  test("its description, and where its functions run", async () => {
    const line = pipeline("p")
      .stage(plus("a"), { workers: 2 })
      .filter(({ n }) => n > 1);
    const flow = await watched().runtime.run(line);
    expect(flow.describe().nodes.map(({ name, workers, backend }) => [name, workers, backend])).toEqual([
      ["a", 2, null],
      ["filter", 1, "host"],
    ]);
    expect(flow.describe().mermaid).toBe(line.describe().mermaid);
  });

  test("the bottleneck by name", async () => {
    const held = door();
    const flow = await watched().runtime.run(
      pipeline("p")
        .stage(plus("a", 0, { queueSize: 8 }))
        .stage(stage("slow", (m) => held.opened.then(() => m), { queueSize: 8 }))
        .stage(plus("c", 0, { queueSize: 8 })),
    );
    const sent = numbers(30).map((message) => flow.send(message));
    await quiet();
    expect((await flow.telemetry()).bottleneck).toBe("slow");
    held.open();
    for (const n of range(30)) expect((await flow.receive()).n).toBe(n);
    await Promise.all(sent);
  });

  test("its dead letters, and no others", async () => {
    const { runtime } = watched();
    const failing = stage("failing", ({ n }) => {
      if (n > 1) throw new Error("more than one");
      return N({ n });
    });
    const flow = await runtime.run(
      pipeline("p")
        .stage(failing, { workers: 2 })
        .filter(({ n }) => n < 0 || Boolean(n)),
    );
    const other = await runtime.start(failing.as("other"));
    await other.send(N({ n: 7 }));
    await all(flow.process(numbers(5)));
    await quiet();
    expect(runtime.deadLetters.size).toBe(4);
    expect(flow.deadLetters.size).toBe(3);
    const [deadLetter] = flow.deadLetters.peek();
    expect(deadLetter?.stage).toBe("failing");
    expect(flow.deadLetters.take({ kernelId: "other" })).toEqual([]);
    expect(flow.deadLetters.take().length).toBe(3);
    expect(runtime.deadLetters.size).toBe(1);
  });

  test("a replayed letter goes through the rest of the flow", async () => {
    const { runtime } = watched();
    let isBroken = true;
    const mended = stage("mended", ({ n }) => {
      if (isBroken) throw new Error("broken");
      return N({ n });
    });
    const flow = await runtime.run(pipeline("p").stage(mended, { workers: 2 }).stage(plus("b")));
    expect(await all(flow.process(numbers(5)))).toEqual([]);
    isBroken = false;
    expect(await flow.deadLetters.replay(flow.deadLetters.peek())).toBe(5);
    const seen: number[] = [];
    for (let i = 0; i < 5; i++) seen.push((await flow.receive({ timeout: 60_000 })).n);
    expect(seen.sort()).toEqual([1, 2, 3, 4, 5]);
  });

  test("a letter is replayed with another message, which its kernel checks; the original stays", async () => {
    const { runtime } = watched();
    const picky = stage("picky", ({ n }) => {
      if (n === 0) throw new Error("zero");
      return N({ n });
    });
    const flow = await runtime.run(pipeline("p").stage(picky).stage(plus("b")));
    expect(await all(flow.process([N({ n: 0 })]))).toEqual([]);
    const letters = flow.deadLetters.peek();
    const withBody = (body: object) => letters.map((letter) => ({ ...letter, message: body as typeof letter.message }));
    expect(await codeOf(() => flow.deadLetters.replay(withBody({ type: "Other" })))).toBe("TYPE_MISMATCH");
    expect(await flow.deadLetters.replay(withBody({ type: "N", n: 5 }))).toBe(1);
    expect((await flow.receive({ timeout: 1000 })).n).toBe(6);
    expect(flow.deadLetters.discard(letters)).toBe(1);
    expect(runtime.deadLetters.size).toBe(0);
  });

  test("stages are no kernels to receive from or to link", async () => {
    const { runtime } = watched();
    await runtime.run(pipeline("p").stage(plus("a")).stage(plus("b")));
    const beside = await runtime.start(plus("beside"));
    expect(await codeOf(() => runtime.receive("p.a", { timeout: 0 }))).toBe("PORT_LINKED");
    expect(await codeOf(() => (runtime.connect as (from: unknown, to: unknown) => Promise<void>)("p.a", beside))).toBe(
      "PORT_LINKED",
    );
  });
});

describe("pace and supervision of stages", () => {
  test("a rate is kept", async () => {
    const flow = await watched().runtime.run(pipeline("p").stage(plus("a"), { rate: 200 }).stage(plus("b")));
    const started = performance.now();
    expect((await all(flow.process(numbers(21)))).length).toBe(21);
    // 20 messages after the first one, at 5 ms each, less what a late timer may make up for
    expect(performance.now() - started).toBeGreaterThan(80);
  });

  test("all-for-one: the failure of one stage renews all of them, and keeps their queues", async () => {
    const { runtime } = watched();
    const restarts: string[] = [];
    runtime.on("restart", ({ kernelId }) => restarts.push(kernelId));
    const counting = (id: string) =>
      defineKernel({
        id,
        input: N,
        output: N,
        async run(ctx) {
          let seen = 0;
          for await (const { n } of ctx) await ctx.send(N({ n, by: `${++seen}` }));
        },
      });
    const failing = stage("failing", ({ n, by }) => {
      if (n === 3) throw new Error("three");
      return N({ n, by: by ?? "" });
    });
    const flow = await runtime.run(
      pipeline("p", { supervise: "all-for-one" })
        .stage(counting("count"))
        .stage(failing, { onError: "fail", supervise: { restart: "on-failure", backoff: { initial: 1 } } }),
    );
    const seen: (string | undefined)[] = [];
    for (const n of range(6)) {
      await flow.send(N({ n }));
      if (n !== 3) seen.push((await flow.receive({ timeout: 60_000 })).by);
      else while (restarts.length < 2) await quiet();
    }
    expect(restarts.sort()).toEqual(["p.count", "p.failing"]);
    expect(seen).toEqual(["1", "2", "3", "1", "2"]);
  });

  test("one-for-one leaves the others alone", async () => {
    const { runtime } = watched();
    const restarts: string[] = [];
    runtime.on("restart", ({ kernelId }) => restarts.push(kernelId));
    const failing = stage("failing", ({ n }) => {
      if (n === 3) throw new Error("three");
      return N({ n });
    });
    const flow = await runtime.run(
      pipeline("p")
        .stage(plus("a", 0))
        .stage(failing, { onError: "fail", supervise: { restart: "on-failure", backoff: { initial: 1 } } }),
    );
    expect((await all(flow.process(numbers(6)))).map(({ n }) => n)).toEqual([0, 1, 2, 4, 5]);
    expect(restarts).toEqual(["p.failing"]);
  });
});

describe("what stages send of their own accord", () => {
  test("an answer after its input has passed is an input of its own", async () => {
    const { runtime } = watched();
    const behind = defineKernel({
      id: "behind",
      input: N,
      output: N,
      async run(ctx) {
        let last: N | undefined;
        for await (const message of ctx) {
          if (last !== undefined) await ctx.send(N({ n: last.n }, { replyTo: last }));
          last = message;
        }
      },
    });
    const flow = await runtime.run(
      pipeline("p").stage(plus("a", 0), { workers: 2 }).stage(behind).stage(plus("b", 0), { workers: 2 }),
    );
    const seen = (await all(flow.process(numbers(20)))).map(({ n }) => n);
    expect(seen).toEqual(range(19));
    expect((await flow.telemetry()).inFlight).toBe(0);
  });

  test("a stage may ask kernels beside the flow", async () => {
    const { runtime } = watched();
    const helper = plus("helper", 100);
    await runtime.start(helper);
    const asking = defineKernel({
      id: "asking",
      input: N,
      output: N,
      peers: { helper },
      async handle({ n }, ctx) {
        const { n: answer } = await ctx.peers.helper.request(N({ n }), { timeout: 60_000 });
        await ctx.peers.helper.send(N({ n: -1 }));
        return N({ n: answer });
      },
    });
    const flow = await runtime.run(pipeline("p").stage(asking, { workers: 3 }));
    expect((await all(flow.process(numbers(30)))).map(({ n }) => n)).toEqual(range(30).map((n) => n + 100));
    expect((await flow.telemetry()).inFlight).toBe(0);
  });
});
