import { createRuntime, type Kernel, pipeline } from "@ringline/core";
import { type VirtualClock, virtualClock } from "@ringline/core/testing";
import { inProcess } from "@ringline/in-process";
import { defineDebounceKernel, defineDistinctKernel, defineTickKernel } from "@ringline/streams";
import { workerThreads } from "@ringline/worker-threads";
import { describe, expect, test } from "vitest";
import { atEight, debounced, distinct, everyTen, sampled, Tock, throttled, Value } from "./kernels/passing.mjs";

type Message = ReturnType<typeof Value>;
type Passing = Kernel<string, Message, Message, never>;

/** Sends `key` and `n` at each time; gives the outputs with the times at which they came. */
async function run(kernel: Passing, events: readonly (readonly [time: number, key: string, n: number])[]) {
  const clock = virtualClock();
  await using runtime = createRuntime({ backend: inProcess(), clock });
  const handle = await runtime.start(kernel);
  const seen: string[] = [];
  const look = () => {
    for (let out = handle.tryReceive(); out !== undefined; out = handle.tryReceive()) {
      seen.push(`${clock.now()}: ${out.key} ${out.n}`);
    }
  };
  for (const [time, key, n] of events) {
    await stepTo(clock, time, look);
    await handle.send(Value({ key, n }));
    await clock.settle();
    look();
  }
  await stepTo(clock, 1000, look);
  const { ledger } = await handle.telemetry();
  expect(ledger.input).toMatchObject({ accepted: events.length, done: events.length, queued: 0, inHand: 0 });
  expect(clock.pending).toBe(0);
  return seen;
}

async function stepTo(clock: VirtualClock, time: number, look: () => void): Promise<void> {
  while (clock.now() < time) {
    await clock.advance(Math.min(10, time - clock.now()));
    look();
  }
}

describe("by the virtual clock", () => {
  test("debounce passes on what nothing follows", async () => {
    const events = [
      [0, "a", 1],
      [20, "a", 2],
      [30, "b", 3],
      [60, "a", 4],
      [200, "a", 5],
    ] as const;
    expect(await run(debounced, events)).toEqual(["80: b 3", "110: a 4", "250: a 5"]);
  });

  test("sample passes on the latest of each span", async () => {
    const events = [
      [0, "a", 1],
      [20, "a", 2],
      [30, "b", 3],
      [60, "a", 4],
      [200, "a", 5],
    ] as const;
    expect(await run(sampled, events)).toEqual(["50: a 2", "80: b 3", "110: a 4", "250: a 5"]);
  });

  test("throttle passes on the first of each span", async () => {
    const events = [
      [0, "a", 1],
      [20, "a", 2],
      [30, "b", 3],
      [60, "a", 4],
      [200, "a", 5],
    ] as const;
    expect(await run(throttled, events)).toEqual(["0: a 1", "30: b 3", "60: a 4", "200: a 5"]);
  });

  test("distinct passes on what it has not seen lately", async () => {
    const events = [
      [0, "a", 1],
      [10, "a", 1],
      [20, "a", 2],
      [40, "a", 1],
      [60, "a", 1],
      [60, "b", 1],
    ] as const;
    expect(await run(distinct, events)).toEqual(["0: a 1", "20: a 2", "60: a 1", "60: b 1"]);
  });

  test("what is held becomes a dead letter at the end, and is passed on with drain", async () => {
    for (const drain of [false, true]) {
      const clock = virtualClock();
      await using runtime = createRuntime({ backend: inProcess(), clock });
      const handle = await runtime.start(debounced);
      for (const key of ["a", "b"]) await handle.send(Value({ key, n: 1 }));
      await clock.settle();
      expect((await handle.telemetry()).ledger.input.inHand).toBe(2);
      const ended = handle.terminate({ drain, timeout: 10_000 });
      await clock.advance(100);
      await ended;
      expect(runtime.deadLetters.size).toBe(drain ? 0 : 2);
      expect((await handle.telemetry()).processed).toBe(drain ? 2 : 0);
    }
  });

  test("ticks come at their times; those that were missed are left out", async () => {
    const clock = virtualClock(Date.UTC(2026, 0, 1));
    await using runtime = createRuntime({ backend: inProcess(), clock });
    const handle = await runtime.start(everyTen);
    const ready = () => {
      const seen: string[] = [];
      for (let out = handle.tryReceive(); out !== undefined; out = handle.tryReceive()) {
        seen.push(`${out.n} at ${out.at - Date.UTC(2026, 0, 1)}`);
      }
      return seen;
    };
    await clock.advance(35);
    expect(ready()).toEqual(["0 at 10", "1 at 20", "2 at 30"]);
    await handle.deactivate();
    await clock.advance(30);
    expect(ready()).toEqual([]);
    await handle.activate();
    await clock.advance(10);
    expect(ready().slice(-1)).toEqual(["4 at 70"]);
    await handle.terminate();
    expect(clock.pending).toBe(0);
  });

  test("times of day follow a time zone, also when its clocks change", async () => {
    const clock = virtualClock(Date.UTC(2026, 2, 27, 0)); // a Friday
    await using runtime = createRuntime({ backend: inProcess(), clock });
    const handle = await runtime.start(atEight);
    const times: string[] = [];
    for (let hour = 0; hour < 24 * 5; hour++) {
      await clock.advance(3_600_000);
      const out = handle.tryReceive();
      if (out !== undefined) times.push(new Date(out.at).toISOString());
    }
    expect(times).toEqual(["2026-03-27T07:00:00.000Z", "2026-03-30T06:00:00.000Z", "2026-03-31T06:00:00.000Z"]);
  }, 60_000);
});

const backends = { "in process": inProcess, "worker threads": () => workerThreads({ threads: 2 }) };

describe.each(Object.entries(backends))("%s", (_, backend) => {
  test("a flow ends when what is held has been passed on", async () => {
    await using runtime = createRuntime({ backend: backend() });
    const stages = { workers: 2, by: { key: "key" } } as const;
    const flow = await runtime.run(pipeline("line").stage(distinct, stages).stage(debounced, stages));
    const source = [1, 1, 2].flatMap((n) => ["a", "b", "c"].map((key) => Value({ key, n })));
    const seen: string[] = [];
    for await (const { key, n } of flow.process(source)) seen.push(`${key} ${n}`);
    expect(seen.sort()).toEqual(["a 2", "b 2", "c 2"]);
    expect(flow.deadLetters.size).toBe(0);
  });

  test("an answer is that to the message that was passed on; the others have none", async () => {
    await using runtime = createRuntime({ backend: backend() });
    const handle = await runtime.start(throttled);
    const requests = [1, 2].map((n) => handle.request(Value({ key: "a", n }), { timeout: 60_000 }));
    const [first, second] = await Promise.allSettled(requests);
    expect(first).toMatchObject({ status: "fulfilled", value: { n: 1 } });
    expect(second).toMatchObject({ status: "rejected", reason: { code: "NO_REPLY" } });
  });

  test("a source ticks until it is terminated", async () => {
    await using runtime = createRuntime({ backend: backend() });
    const handle = await runtime.start(everyTen);
    const numbers: number[] = [];
    for (let i = 0; i < 3; i++) numbers.push((await handle.receive({ timeout: 60_000 })).n);
    expect(numbers).toEqual([0, 1, 2]);
    await handle.terminate();
  });
});

const given = { id: "k", input: Value, output: Tock, tick: () => undefined } as const;
test.each([
  ["wait", () => defineDebounceKernel({ ...given, wait: 0 })],
  ["key", () => defineDistinctKernel({ ...given, within: 1 } as never)],
  ["within", () => defineDistinctKernel({ ...given, key: "key", within: Number.NaN })],
  ["every", () => defineTickKernel({ ...given })],
  ["every", () => defineTickKernel({ ...given, every: 5, cron: "* * * * *" })],
  ["cron", () => defineTickKernel({ ...given, cron: "99 * * * *" })],
  ["cron", () => defineTickKernel({ ...given, cron: "* * * * *", timezone: "Nowhere" })],
])("%s is checked", (argument, define) => {
  expect(define).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT", details: expect.objectContaining({ argument }) }),
  );
});
