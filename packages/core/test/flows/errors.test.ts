import { describe, expect, test } from "vitest";
import { body, defineKernel, defineMessage, pipeline, StageFailure } from "../../src/index.js";
import { all, door, N, numbers, plus, range, stage, watched } from "../support/flow-kit.js";
import { codeOf, quiet, watch } from "../support/settling.js";

const failing = (id: string, which: (n: number) => boolean) =>
  stage(id, ({ n }) => {
    if (which(n)) throw new Error(`${n}`);
    return N({ n });
  });
const Total = defineMessage("Total", body<{ readonly total: number }>());

describe("errors in a flow", () => {
  test("a kernel alone answers with the failure, or sends it to its output", async () => {
    const { runtime } = watched();
    const alone = stage(
      "alone",
      ({ n }) => {
        if (n === 1) throw new Error("one");
        return N({ n });
      },
      { onError: "reply" },
    );
    const handle = await runtime.start(alone);
    const answer: unknown = await handle.request(N({ n: 1 }));
    expect(StageFailure.is(answer) && [answer.stage, answer.error.code]).toEqual(["alone", "KERNEL_FAILED"]);
    await handle.send(N({ n: 1 }));
    expect(StageFailure.is(await handle.receive({ timeout: 60_000 }))).toBe(true);
    expect((await handle.telemetry()).ledger.input).toMatchObject({ done: 2, deadLettered: 0 });
  });

  test("retries do not disturb the others, and the last resort has the attempts", async () => {
    const { runtime, letters: deadLetters } = watched();
    let calls = 0;
    const flaky = stage("flaky", ({ n }) => {
      if (n === 3 && ++calls < 3) throw new Error("try again");
      if (n === 5) throw new Error("never");
      return N({ n });
    });
    const flow = await runtime.run(
      pipeline("p").stage(flaky, { workers: 2, onError: { retry: 2, backoff: { initial: 1 } } }),
    );
    expect((await all(flow.process(numbers(10)))).map(({ n }) => n)).toEqual(range(10).filter((n) => n !== 5));
    expect(deadLetters.map(({ attempts, stage, kernelId }) => [attempts, stage, kernelId.replace(/\d/, "i")])).toEqual([
      [3, "flaky", "p.flaky_i"],
    ]);
  });

  test("an expired message is passed over", async () => {
    const { runtime, letters: deadLetters } = watched();
    const flow = await runtime.run(pipeline("p").stage(plus("a", 0), { workers: 2 }));
    await flow.pause();
    const asked = watch(flow.request(N({ n: 1 }, { expiresIn: 1 })));
    await new Promise((resolve) => setTimeout(resolve, 10));
    await flow.resume();
    await expect.poll(() => asked.state).toBe("EXPIRED");
    expect(deadLetters.map(({ stage }) => stage)).toEqual(["a"]);
    await flow.drain({ timeout: 60_000 });
  });

  test("a dropped message settles its input", async () => {
    const { runtime } = watched();
    const slow = stage("slow", (m) => m, { queueSize: 1, backpressure: "drop-oldest" });
    const flow = await runtime.run(pipeline("p").stage(slow));
    await flow.pause();
    const first = watch(flow.request(N({ n: 1 })));
    await flow.send(N({ n: 2 }));
    await quiet();
    expect(first.state).toBe("QUEUE_FULL");
    await flow.resume();
    expect((await flow.receive({ timeout: 60_000 })).n).toBe(2);
    await flow.drain({ timeout: 60_000 });
  });

  test("a stage that fails for good fails process behind the outputs that are there, and everything settles", async () => {
    const { runtime, letters: deadLetters } = watched();
    const flow = await runtime.run(
      pipeline("p")
        .stage(plus("a", 0))
        .stage(
          failing("b", (n) => n === 5),
          { onError: "fail" },
        ),
    );
    const seen: number[] = [];
    const reading = async () => {
      for await (const { n } of flow.process(numbers(20))) seen.push(n);
    };
    expect(await codeOf(reading)).toBe("KERNEL_FAILED");
    expect(seen).toEqual(range(5));
    expect(deadLetters.length).toBe(15);
    expect(await codeOf(() => flow.request(N({ n: 1 })))).toBe("KERNEL_FAILED");
    await flow.drain({ timeout: 60_000 });
  });

  test("a restarted stage goes on with its queue", async () => {
    const { runtime, letters: deadLetters } = watched();
    const flow = await runtime.run(
      pipeline("p")
        .stage(plus("a", 0))
        .stage(
          failing("b", (n) => n % 10 === 5),
          {
            onError: "fail",
            workers: 2,
            supervise: { restart: "on-failure", backoff: { initial: 1 }, limit: { max: 100, window: 60_000 } },
          },
        )
        .stage(plus("c", 0)),
    );
    const seen = (await all(flow.process(numbers(60)))).map(({ n }) => n);
    expect(seen).toEqual(range(60).filter((n) => n % 10 !== 5));
    expect(deadLetters.map(({ stage }) => stage)).toEqual(range(6).map(() => "b"));
  });

  test("a late answer is a dead letter", async () => {
    const { runtime, letters: deadLetters } = watched();
    const held = door();
    const flow = await runtime.run(
      pipeline("p")
        .stage(stage("a", (m) => held.opened.then(() => m)))
        .stage(plus("b", 0)),
    );
    expect(await codeOf(() => flow.request(N({ n: 1 }), { timeout: 5 }))).toBe("TIMEOUT");
    held.open();
    await flow.drain({ timeout: 60_000 });
    expect(deadLetters.length).toBe(1);
    expect(["LATE_REPLY", "EXPIRED"]).toContain(deadLetters[0]?.reason);
  });

  test("terminate settles everything that waits", async () => {
    const { runtime, letters: deadLetters } = watched();
    const held = door();
    const flow = await runtime.run(
      pipeline("p")
        .stage(plus("a", 0, { queueSize: 2 }))
        .stage(stage("b", (m) => held.opened.then(() => m), { queueSize: 2 })),
      { maxInFlight: 4 },
    );
    const sent = numbers(8).map((message) => watch(flow.send(message)));
    const asked = watch(flow.request(N({ n: 100 })));
    const got = watch(flow.receive());
    await quiet();
    await flow.terminate({ timeout: 20 });
    await quiet();
    expect([asked.state, got.state]).toEqual(["TERMINATED", "TERMINATED"]);
    const accepted = sent.filter(({ state }) => state === "done").length;
    expect(sent.every(({ state }) => state === "done" || state === "TERMINATED")).toBe(true);
    expect(deadLetters.length).toBe(accepted);
    held.open();
  });

  test("terminate with drain finishes what was accepted; outputs stay readable", async () => {
    const { runtime, letters: deadLetters } = watched();
    const flow = await runtime.run(pipeline("p").stage(plus("a", 0)).stage(plus("b", 0), { workers: 3 }));
    await Promise.all(numbers(10).map((message) => flow.send(message)));
    await flow.terminate({ drain: true });
    for (const n of range(10)) expect((await flow.receive()).n).toBe(n);
    expect(await codeOf(() => flow.receive())).toBe("TERMINATED");
    expect(deadLetters).toEqual([]);
  });

  test("process ends with TERMINATED when the flow does", async () => {
    const { runtime } = watched();
    const flow = await runtime.run(pipeline("p").stage(plus("a", 0)));
    async function* slow() {
      yield N({ n: 1 });
      await new Promise(() => {});
    }
    const outputs = flow.process(slow());
    await outputs.next();
    const next = watch(outputs.next());
    await flow.terminate();
    await quiet();
    expect(next.state).toBe("TERMINATED");
  });
});

describe("a flush", () => {
  const totals = (id: string, extra = {}) =>
    defineKernel({
      id,
      input: N,
      output: Total,
      ...extra,
      async run(ctx) {
        let total = 0;
        ctx.onFlush(() => ctx.send(Total({ total })));
        for await (const { n } of ctx) total += n;
      },
    });

  test("travels behind the data", async () => {
    const flow = await watched().runtime.run(pipeline("p").stage(plus("a", 0), { workers: 3 }).stage(totals("t")));
    expect((await all(flow.process(numbers(100)))).map(({ total }) => total)).toEqual([4950]);
  });

  test("what it stirs up passes the stages behind", async () => {
    const twice = defineKernel({
      id: "twice",
      input: Total,
      output: Total,
      handle: ({ total }) => Total({ total: total * 2 }),
    });
    const Totals = defineMessage("Totals", body<{ readonly items: readonly { readonly total: number }[] }>());
    const flow = await watched().runtime.run(
      pipeline("p").stage(totals("t"), { workers: 2 }).stage(twice, { workers: 2 }).batch(Totals, { max: 10 }),
    );
    const seen = await all(flow.process(numbers(10)));
    expect(seen.length).toBe(1);
    expect(seen[0]?.items.reduce((sum, { total }) => sum + total, 0)).toBe(90);
  });

  test("passes with drain as well", async () => {
    const flow = await watched().runtime.run(pipeline("p").stage(totals("t")));
    await flow.send(N({ n: 7 }));
    await flow.drain({ timeout: 60_000 });
    expect((await flow.receive({ timeout: 60_000 })).total).toBe(7);
  });

  test("an error of it is told", async () => {
    const { runtime, errors } = watched();
    const broken = defineKernel({
      id: "broken",
      input: N,
      output: N,
      async run(ctx) {
        ctx.onFlush(() => {
          throw new Error("flush");
        });
        for await (const message of ctx) await ctx.send(message);
      },
    });
    const flow = await runtime.run(pipeline("p").stage(broken));
    expect((await all(flow.process(numbers(3)))).length).toBe(3);
    expect(errors.map(({ stage }) => stage)).toEqual(["broken"]);
  });
});
