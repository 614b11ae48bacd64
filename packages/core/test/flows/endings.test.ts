import { describe, expect, test } from "vitest";
import { body, defineKernel, defineMessage, graph, pipeline, StageFailure } from "../../src/index.js";
import { virtualClock } from "../../src/testing.js";
import { all, door, N, numbers, plus, range, stage, watched } from "../support/flow-kit.js";
import { codeOf, quiet, watch } from "../support/settling.js";

const Ns = defineMessage("Ns", body<{ readonly items: readonly N[] }>());
const endless = (first: N): AsyncIterable<N> & { readonly returned: () => number } => {
  let returned = 0;
  let given = 0;
  return {
    returned: () => returned,
    [Symbol.asyncIterator]: () => ({
      next: () => (given++ === 0 ? Promise.resolve({ done: false, value: first }) : new Promise(() => {})),
      return() {
        returned++;
        throw new Error("return");
      },
    }),
  };
};

describe("terminate", () => {
  test("outputs that nobody reads are no error: what waited for room is a dead letter", async () => {
    const { runtime, errors, letters: deadLetters } = watched();
    const flow = await runtime.run(pipeline("p").stage(plus("a", 0, { queueSize: 2 })), { maxInFlight: 8 });
    for (const message of numbers(5)) await flow.send(message);
    await quiet();
    await flow.terminate();
    const told = deadLetters.map(({ message, reason, stage }) => [(message as N).n, reason, stage]);
    expect(told).toContainEqual([2, "TERMINATED", "a"]);
    expect(deadLetters.every(({ reason }) => reason === "TERMINATED")).toBe(true);
    expect(errors).toEqual([]);
    expect((await flow.telemetry()).inFlight).toBe(0);
  });

  test("between two tries: the dead letter says what the message failed with", async () => {
    const { runtime, letters: deadLetters } = watched(virtualClock());
    const failing = stage("failing", () => {
      throw new Error("failing");
    });
    const flow = await runtime.run(pipeline("p").stage(failing, { onError: { retry: 3, backoff: { initial: 1000 } } }));
    await flow.send(N({ n: 1 }));
    await quiet();
    await flow.terminate();
    expect(deadLetters.map(({ reason, attempts }) => [reason, attempts])).toEqual([["KERNEL_FAILED", 1]]);
  });

  test("what waited in front of a batch or a join is a dead letter, and no timer is left", async () => {
    const clock = virtualClock();
    const { runtime, letters: deadLetters } = watched(clock);
    const flow = await runtime.run(
      graph("g", N, (input) => input.batch(Ns, { max: 2, linger: 5000 })),
      { maxInFlight: 50 },
    );
    const sends = numbers(11).map((message) => watch(flow.send(message)));
    await quiet();
    await flow.terminate();
    await quiet();
    const out: number[] = [];
    for await (const { items } of flow) out.push(...items.map(({ n }) => n));
    const left = deadLetters.map(({ message }) => (message as N).n);
    const refused = sends.flatMap(({ state }, n) => (state === "done" ? [] : [n]));
    expect([...out, ...left, ...refused].sort((a, b) => a - b)).toEqual(range(11));
    expect((await flow.telemetry()).inFlight).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test("a source that throws when it is told of the end is told as an error", async () => {
    const { runtime, errors } = watched();
    const flow = await runtime.run(pipeline("p").stage(plus("a")));
    const source = endless(N({ n: 1 }));
    const outputs = flow.process(source);
    expect((await outputs.next()).value?.n).toBe(2);
    await flow.terminate();
    await quiet();
    expect(source.returned()).toBe(1);
    expect(errors.map(({ cause }) => (cause as Error).message)).toEqual(["return"]);
  });
});

describe("drain", () => {
  test("ends with the flow, where a flush does not pass", async () => {
    const stuck = defineKernel({
      id: "stuck",
      input: N,
      output: N,
      async run(ctx) {
        ctx.onFlush(() => new Promise(() => {}));
        for await (const { n } of ctx) await ctx.send(N({ n }));
      },
    });
    const flow = await watched().runtime.run(pipeline("p").stage(stuck));
    const drained = watch(flow.drain());
    await quiet();
    expect(drained.state).toBe("waits");
    await flow.terminate();
    await quiet();
    expect(drained.state).toBe("TERMINATED");
    expect(await codeOf(() => flow.drain())).toBe("TERMINATED");
  });

  test("does not wait for what stages send of their own accord, nor does process(); it comes out of the flow", async () => {
    const ticker = defineKernel({
      id: "ticker",
      input: N,
      output: N,
      async run(ctx) {
        const tick = async () => {
          for (let i = 0; !ctx.shouldTerminate; i--) await ctx.send(N({ n: i, by: "tick" }));
        };
        void tick().catch(() => {});
        ctx.onFlush(() => ctx.send(N({ n: 100, by: "flush" })));
        for await (const { n } of ctx) await ctx.send(N({ n }));
      },
    });
    const slow = stage("slow", async (message) => {
      await quiet();
      return N({ n: message.n, by: message.by ?? "" });
    });
    const flow = await watched().runtime.run(pipeline("p").stage(ticker).stage(slow, { queueSize: 2 }));
    const outputs: N[] = [];
    const reading = (async () => {
      for await (const output of flow) outputs.push(output);
    })();
    await flow.send(N({ n: 1 }));
    await flow.drain({ timeout: 60_000 });
    expect(outputs.map(({ n }) => n)).toEqual(expect.arrayContaining([1, 100]));
    const streamed = await all(flow.process([N({ n: 7 })]));
    expect(streamed.map(({ n }) => n)).toEqual(expect.arrayContaining([7, 100]));
    const before = outputs.length;
    while (outputs.length < before + 3) await quiet();
    await flow.terminate();
    await reading.catch(() => {});
    const ticks = [...outputs, ...streamed].flatMap(({ n, by }) => (by === "tick" ? [n] : []));
    expect(new Set(ticks).size).toBe(ticks.length);
    expect(ticks.sort((a, b) => b - a)).toEqual(range(ticks.length).map((n) => 0 - n));
  });
});

describe("streams whose process cannot begin", () => {
  test("a busy flow: both ends hear of it", async () => {
    const flow = await watched().runtime.run(pipeline("p").stage(plus("a")));
    const busy = flow.process(endless(N({ n: 1 })));
    await busy.next();
    const { writable, readable } = flow.streams();
    const write = watch(writable.getWriter().write(N({ n: 1 })));
    const read = watch(readable.getReader().read());
    await quiet();
    expect([write.state, read.state]).toEqual(["FLOW_BUSY", "FLOW_BUSY"]);
    await busy.return().catch(() => {});
  });

  test("a flow that has ended: a write does not wait", async () => {
    const flow = await watched().runtime.run(pipeline("p").stage(plus("a")));
    const { writable } = flow.streams();
    await flow.terminate();
    const write = watch(writable.getWriter().write(N({ n: 1 })));
    await quiet();
    expect(write.state).toBe("TERMINATED");
  });
});

describe("messages made of several inputs", () => {
  test("a failure is told for an input of which none was told, though another in its batch had one", async () => {
    const split = stage("split", ({ n }) => range(n).map(() => N({ n })));
    const broken = defineKernel({
      id: "broken",
      input: Ns,
      output: N,
      handle() {
        throw new Error("broken");
      },
    });
    const fine = defineKernel({ id: "fine", input: Ns, output: N, handle: () => N({ n: 0 }) });
    const { runtime } = watched();
    const flow = await runtime.run(
      graph("g", N, (input, { join }) => {
        const batches = input.stage(split).batch(Ns, { max: 2 });
        const branches = { x: batches.stage(broken, { onError: "reply" }), y: batches.stage(fine) };
        return join(({ y }) => y, branches, { timeout: 1000 });
      }),
    );
    const answers = await Promise.all([3, 1].map((n) => flow.request(N({ n }), { timeout: 60_000 })));
    expect(answers.map((answer) => StageFailure.is(answer))).toEqual([true, true]);
  });

  test("a result goes to those who want it, though another input of it was cancelled", async () => {
    const held = door();
    const sum = defineKernel({
      id: "sum",
      input: Ns,
      output: N,
      handle: ({ items }) => held.opened.then(() => N({ n: items.length })),
    });
    const flow = await watched().runtime.run(pipeline("p").stage(plus("a")).batch(Ns, { max: 2 }).stage(sum));
    const outputs = flow.process(endless(N({ n: 1 })));
    void outputs.next();
    await quiet();
    await flow.send(N({ n: 2 }));
    await quiet();
    await outputs.return().catch(() => {});
    held.open();
    expect((await flow.receive({ timeout: 60_000 })).n).toBe(2);
    expect(await all(flow.process([]))).toEqual([]);
  });
});

test("what is held until its turn may be very much", async () => {
  const held = door();
  const count = 200_000;
  const many = stage("many", ({ n }) => (n === 0 ? held.opened.then(() => N({ n: -1 })) : numbers(count)), {
    queueSize: 4,
  });
  const flow = await watched().runtime.run(pipeline("p").stage(many, { workers: 2 }));
  const outputs = flow.process(numbers(2));
  const first = outputs.next();
  while ((await flow.telemetry()).stages[0]?.sent !== count) await quiet();
  held.open();
  expect((await first).value?.n).toBe(-1);
  const got = await all(outputs);
  expect([got.length, got.every(({ n }, i) => n === i)]).toEqual([count, true]);
});

describe("all-for-one: what a renewal interrupts is delivered again", () => {
  const supervise = { restart: "on-failure", onCrash: "retry", backoff: { initial: 1 } } as const;
  const once = () => {
    let isDone = false;
    return () => {
      if (isDone) return;
      isDone = true;
      throw new Error("once");
    };
  };

  test("between two tries", async () => {
    const { runtime, letters: deadLetters } = watched();
    let tries = 0;
    const flaky = stage("flaky", ({ n }) => {
      if (n !== 1 || ++tries === 3) return N({ n });
      tried.open();
      throw new Error("flaky");
    });
    const fail = once();
    const tried = door();
    const crashing = stage("crashing", async ({ n }) => {
      if (n > 0) return N({ n });
      await tried.opened;
      await quiet();
      fail();
      return N({ n });
    });
    const flow = await runtime.run(
      pipeline("p", { supervise: "all-for-one" })
        .stage(flaky, { onError: { retry: 5, backoff: { initial: 50 } } })
        .stage(crashing, { onError: "fail", supervise }),
    );
    const got = (await all(flow.process(numbers(3)))).map(({ n }) => n);
    expect(got.sort()).toEqual([0, 1, 2]);
    expect(deadLetters).toEqual([]);
  });

  test("in the wait for room", async () => {
    const { runtime, letters: deadLetters, errors } = watched();
    const fail = once();
    const crashing = stage("crashing", async ({ n }) => {
      await quiet();
      if (n === 3) fail();
      return N({ n });
    });
    const flow = await runtime.run(
      pipeline("p", { supervise: "all-for-one" })
        .stage(plus("a", 0))
        .stage(crashing, { queueSize: 1, onError: "fail", supervise }),
    );
    const got = (await all(flow.process(numbers(10)))).map(({ n }) => n);
    expect(got.sort((a, b) => a - b)).toEqual(range(10));
    expect(deadLetters).toEqual([]);
    expect(errors.map(({ stage, code }) => [stage, code])).toEqual([["crashing", "KERNEL_FAILED"]]);
  });
});

describe("replay of what nodes of a flow left", () => {
  test("goes back in at the node: a filter, a route, a batch", async () => {
    for (const node of ["filter", "route", "batch"] as const) {
      const { runtime } = watched();
      let isBroken = true;
      const check = () => {
        if (isBroken) throw new Error("broken");
        return true;
      };
      const flow = await runtime.run(
        graph("g", N, (input) => {
          const first = input.stage(plus("a", 10));
          if (node === "filter") return first.filter(check);
          if (node === "route") return first.route({ only: check }).only;
          return first.batch(
            ({ items }) => {
              check();
              return items[0] as N;
            },
            { max: 1 },
          );
        }),
      );
      await flow.send(N({ n: 1 }));
      await flow.drain({ timeout: 60_000 });
      isBroken = false;
      const deadLetters = flow.deadLetters.peek();
      expect(deadLetters.length).toBe(1);
      expect(await flow.deadLetters.replay(deadLetters)).toBe(1);
      expect((await flow.receive({ timeout: 60_000 })).n).toBe(11);
      expect(runtime.deadLetters.size).toBe(0);
    }
  });

  test("what is no input of the flow is refused before anything is sent", async () => {
    const { runtime } = watched();
    const sum = defineKernel({ id: "sum", input: N, output: Ns, handle: (one) => Ns({ items: [one] }) });
    const flow = await runtime.run(
      graph("g", N, (input, { join }) => {
        const none = input.stage(plus("b")).filter(() => {
          throw new Error("filter");
        });
        return join(({ a }) => a, { a: input.stage(sum), none }, { timeout: 1000 });
      }),
    );
    await flow.send(N({ n: 1 }));
    await flow.drain({ timeout: 60_000 });
    const deadLetters = flow.deadLetters.peek();
    expect(deadLetters.map(({ reason }) => reason).sort()).toEqual(["JOIN_INCOMPLETE", "KERNEL_FAILED"]);
    expect(await codeOf(() => flow.deadLetters.replay(deadLetters))).toBe("INVALID_ARGUMENT");
    expect(flow.deadLetters.peek()).toEqual(deadLetters);
  });
});

test("a refusal names the stage that refused; the letter the one that left it", async () => {
  const { runtime, letters: deadLetters } = watched();
  const held = door();
  const slow = stage("slow", () => held.opened.then(() => undefined));
  const flow = await runtime.run(
    pipeline("p").stage(plus("a", 0)).stage(slow, { queueSize: 1, backpressure: "reject" }),
  );
  for (const message of numbers(3)) await flow.send(message);
  await quiet();
  const [deadLetter] = deadLetters;
  expect([deadLetter?.kernelId, deadLetter?.stage, deadLetter?.reason]).toEqual(["p.a", "a", "QUEUE_FULL"]);
  expect([deadLetter?.error.kernelId, deadLetter?.error.stage]).toEqual(["p.slow", "slow"]);
  held.open();
});

test("misuse in plain JavaScript is told by code", async () => {
  const { runtime } = watched();
  const flow = await runtime.run(pipeline("p").stage(plus("a")));
  const wrong = [
    () => flow.process([], null as never),
    () => flow.process([], { timeout: 5 } as never),
    () => runtime.deadLetters.peek(null as never),
    () => runtime.deadLetters.replay([], null as never),
    () => N({ n: 1 }, null as never),
    () => N({ n: 1 }, 5 as never),
  ];
  for (const call of wrong) expect(await codeOf(call)).toBe("INVALID_ARGUMENT");
  const linked = await runtime.receive("p.a").catch((error) => error.details.to);
  expect(linked).toEqual(["p"]);
});
