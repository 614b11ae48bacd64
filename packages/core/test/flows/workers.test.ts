import { describe, expect, test } from "vitest";
import { pipeline } from "../../src/index.js";
import { virtualClock } from "../../src/testing.js";
import { all, door, N, numbers, plus, range, stage, watched } from "../support/flow-kit.js";
import { quiet, watch } from "../support/settling.js";

/** The later the number, the sooner it is done. */
const backwards = (count: number) =>
  stage("work", async ({ n }) => {
    for (let i = 0; i < (count - n) * 2; i++) await undefined;
    return N({ n });
  });

describe("workers", () => {
  test("give the order of the inputs back", async () => {
    const flow = await watched().runtime.run(pipeline("p").stage(backwards(20), { workers: 4 }));
    expect((await all(flow.process(numbers(20)))).map(({ n }) => n)).toEqual(range(20));
  });

  test("give what is ready first, if any order will do", async () => {
    const first = door();
    const slowest = stage("work", async (m) => {
      if (m.n === 0) await first.opened;
      return m;
    });
    const flow = await watched().runtime.run(pipeline("p").stage(slowest, { workers: 3, order: "unordered" }));
    const outputs = flow.process(numbers(6));
    const seen: (number | undefined)[] = [];
    for (let i = 0; i < 4; i++) seen.push((await outputs.next()).value?.n);
    expect(seen).not.toContain(0);
    first.open();
    for await (const { n } of outputs) seen.push(n);
    expect(seen.slice().sort()).toEqual(range(6));
  });

  test("let each of those who wait for room in once, also one that is done at once", async () => {
    const clock = virtualClock();
    const { runtime, letters: deadLetters } = watched(clock);
    const first = door();
    const work = stage("work", (m) => (m.n < 2 ? first.opened.then(() => m) : m), { queueSize: 1 });
    const flow = await runtime.run(pipeline("p").stage(work, { workers: 2, order: "unordered" }), { maxInFlight: 100 });
    const seen: number[] = [];
    void (async () => {
      for await (const { n } of flow) seen.push(n);
    })();
    // both workers are busy, their queues are full of what will be late, and three wait for room
    for (const n of range(4)) {
      await flow.send(N({ n }, n < 2 ? {} : { expiresIn: 5 }));
      await quiet();
    }
    const waiting = [4, 5, 6].map((n) => watch(flow.send(N({ n }))));
    await clock.advance(10);
    expect(waiting.map(({ state }) => state)).toEqual(["waits", "waits", "waits"]);
    first.open();
    await quiet();
    expect(waiting.map(({ state }) => state)).toEqual(["done", "done", "done"]);
    expect(seen.sort()).toEqual([0, 1, 4, 5, 6]);
    expect(deadLetters.map(({ error }) => error.code)).toEqual(["EXPIRED", "EXPIRED"]);
    expect((await flow.telemetry()).inFlight).toBe(0);
  });

  test("filtered and failed inputs leave no gap", async () => {
    const { runtime, letters: deadLetters } = watched();
    const odd = stage("odd", async ({ n }) => {
      for (let i = 0; i < (n % 3) * 4; i++) await undefined;
      if (n % 5 === 0) throw new Error("five");
      return n % 2 === 0 ? undefined : N({ n });
    });
    const flow = await runtime.run(pipeline("p").stage(odd, { workers: 3 }).stage(plus("next", 0)));
    const seen = (await all(flow.process(numbers(100)))).map(({ n }) => n);
    expect(seen).toEqual(range(100).filter((n) => n % 2 === 1 && n % 5 !== 0));
    expect(deadLetters.length).toBe(20);
    expect(deadLetters.every((deadLetter) => deadLetter.stage === "odd")).toBe(true);
  });

  test("one key goes to one worker, in order", async () => {
    const { runtime } = watched();
    const flow = await runtime.run(
      pipeline("p").stage(
        stage("work", async ({ n }) => {
          if (n % 7 === 0) await undefined;
          return N({ n });
        }),
        { workers: 3, by: ({ n }) => n % 5, order: "unordered" },
      ),
    );
    const seen = (await all(flow.process(numbers(100)))).map(({ n }) => n);
    for (const key of range(5))
      expect(seen.filter((n) => n % 5 === key)).toEqual(range(100).filter((n) => n % 5 === key));
    const counts = await Promise.all(range(3).map(async (i) => (await runtime.telemetry(`p.work_${i}`)).processed));
    expect(counts.reduce((a, b) => a + b)).toBe(100);
    expect(counts.every((count) => count % 20 === 0)).toBe(true);
  });

  test("a key function that throws makes a dead letter of the message", async () => {
    const { runtime, letters: deadLetters, errors } = watched();
    const key = ({ n }: N) => {
      if (n === 2) throw new Error("no key");
      return n;
    };
    const flow = await runtime.run(pipeline("p").stage(plus("a", 0)).stage(plus("work", 0), { workers: 2, by: key }));
    expect((await all(flow.process(numbers(4)))).map(({ n }) => n)).toEqual([0, 1, 3]);
    expect(deadLetters.map(({ reason, stage }) => [reason, stage])).toEqual([["KERNEL_FAILED", "work"]]);
    expect(errors.map(({ stage }) => stage)).toEqual(["work"]);
  });

  test("broadcast reaches each of them", async () => {
    const flow = await watched().runtime.run(
      pipeline("p").stage(plus("work", 0), { workers: 3, by: "broadcast", order: "preserve" }),
    );
    const seen = (await all(flow.process(numbers(10)))).map(({ n }) => n);
    expect(seen).toEqual(range(10).flatMap((n) => [n, n, n]));
  });

  test("round-robin passes over a full one", async () => {
    const { runtime } = watched();
    const held = door();
    const work = stage(
      "work",
      async (m) => {
        if (m.n === 0) await held.opened;
        return m;
      },
      { queueSize: 1 },
    );
    const flow = await runtime.run(pipeline("p").stage(work, { workers: 2, order: "unordered" }), { maxInFlight: 100 });
    const outputs = flow.process(numbers(30));
    const seen: (number | undefined)[] = [];
    for (let i = 0; i < 28; i++) seen.push((await outputs.next()).value?.n);
    expect(seen).not.toContain(0);
    held.open();
    for await (const { n } of outputs) seen.push(n);
    expect(seen.length).toBe(30);
  });

  test("least-loaded picks the one with the fewest messages", async () => {
    const { runtime } = watched();
    const held = door();
    const work = stage("work", async (m) => {
      if (m.n === 0) await held.opened;
      return m;
    });
    const flow = await runtime.run(pipeline("p").stage(work, { workers: 2, by: "least-loaded", order: "unordered" }));
    await flow.send(N({ n: 0 }));
    await quiet();
    for (const n of range(10)) {
      await flow.send(N({ n: n + 1 }));
      await quiet();
    }
    expect((await runtime.telemetry("p.work_0")).received).toBe(1);
    held.open();
  });

  test("what waits for room at full workers is not accepted yet, and its wait can end", async () => {
    const { runtime } = watched();
    const held = door();
    const work = stage("work", (m) => held.opened.then(() => m), { queueSize: 1 });
    const flow = await runtime.run(pipeline("p").stage(work, { workers: 2 }), { maxInFlight: 100 });
    for (const message of numbers(4)) await flow.send(message);
    const fifth = watch(flow.send(N({ n: 4 }), { timeout: 5 }));
    const sixth = watch(flow.send(N({ n: 5 })));
    await expect.poll(() => fifth.state).toBe("TIMEOUT");
    expect(sixth.state).toBe("waits");
    held.open();
    await expect.poll(() => sixth.state).toBe("done");
    for (const n of [0, 1, 2, 3, 5]) expect((await flow.receive({ timeout: 60_000 })).n).toBe(n);
  });
});
