import { beforeEach, expect, test } from "vitest";
import { createRuntime, defineKernel, type Runtime } from "../../src/index.js";
import { type VirtualClock, virtualClock } from "../../src/testing.js";
import { local } from "../support/local-backend.js";
import { Numbered } from "../support/messages.js";
import { codeOf } from "../support/settling.js";

let clock: VirtualClock;
let runtime: Runtime;
beforeEach(() => {
  clock = virtualClock();
  runtime = createRuntime({ backend: local(), clock }) as unknown as Runtime;
  runtime.on("error", () => {});
  return () => runtime.dispose();
});
/** Outputs that are ready. */
async function ready(id: string): Promise<number[]> {
  await clock.settle();
  const seen: number[] = [];
  for (let out = runtime.tryReceive(id); out !== undefined; out = runtime.tryReceive(id)) {
    seen.push((out as unknown as { n: number }).n);
  }
  return seen;
}

test("a timer is called once, when it is due, in the order in which timers become due", async () => {
  const kernel = defineKernel({
    id: "k",
    input: Numbered,
    output: Numbered,
    handle({ n }, ctx) {
      ctx.timer(n, () => Numbered({ n }));
      return undefined;
    },
  });
  const handle = await runtime.start(kernel);
  for (const n of [30, 10, 20, 10]) await handle.send(Numbered({ n }));
  await clock.advance(9);
  expect(await ready("k")).toEqual([]);
  expect((await runtime.inspect()).kernels[0]?.waitsOn).toContainEqual({ for: "timer", kernelId: null, count: 4 });
  await clock.advance(1);
  expect(await ready("k")).toEqual([10, 10]);
  await clock.advance(100);
  expect(await ready("k")).toEqual([20, 30]);
  expect(clock.pending).toBe(0);
  const { sent, processed } = await handle.telemetry();
  expect([sent, processed]).toEqual([4, 4]);
});

test("a timer replaces that of its key; a cancelled one is not called", async () => {
  const kernel = defineKernel({
    id: "k",
    input: Numbered,
    output: Numbered,
    handle({ n }, ctx) {
      const cancel = ctx.timer(10, () => Numbered({ n }), { key: n % 2 });
      if (n === 5) cancel();
      return undefined;
    },
  });
  const handle = await runtime.start(kernel);
  for (const n of [1, 2]) await handle.send(Numbered({ n }));
  await clock.advance(9);
  await handle.send(Numbered({ n: 4 }));
  await clock.advance(9);
  expect(await ready("k")).toEqual([1]);
  await handle.send(Numbered({ n: 5 }));
  await clock.advance(9);
  expect(await ready("k")).toEqual([4]);
  expect(clock.pending).toBe(0);
});

test("no message is processed while a timer runs, and no timer while a message is processed", async () => {
  const log: string[] = [];
  const pause = (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve));
  const kernel = defineKernel({
    id: "k",
    input: Numbered,
    async handle({ n }, ctx) {
      log.push(`begin ${n}`);
      ctx.timer(5, async () => {
        log.push(`timer ${n}`);
        await pause(20);
        log.push(`timer ${n} ends`);
      });
      await pause(10);
      log.push(`end ${n}`);
    },
  });
  const handle = await runtime.start(kernel);
  for (const n of [1, 2]) await handle.send(Numbered({ n }));
  await clock.advance(100);
  expect(log).toEqual([
    ...["begin 1", "end 1", "timer 1", "timer 1 ends"],
    ...["begin 2", "end 2", "timer 2", "timer 2 ends"],
  ]);
});

test("a deactivated kernel calls its timers when it is active again", async () => {
  const kernel = defineKernel({
    id: "k",
    input: Numbered,
    output: Numbered,
    handle({ n }, ctx) {
      ctx.timer(n, () => Numbered({ n }));
      return undefined;
    },
  });
  const handle = await runtime.start(kernel);
  await handle.send(Numbered({ n: 10 }));
  await clock.settle();
  await handle.deactivate();
  await clock.advance(50);
  expect(await ready("k")).toEqual([]);
  await handle.activate();
  expect(await ready("k")).toEqual([10]);
});

test("timers end with the incarnation, by a crash and by an end that was asked for", async () => {
  const kernel = defineKernel({
    id: "k",
    input: Numbered,
    output: Numbered,
    supervise: { restart: "on-failure", backoff: { initial: 1, jitter: 0 } },
    handle({ n }, ctx) {
      ctx.timer(n, () => {
        if (n === 5) throw new RangeError("on purpose");
        return Numbered({ n });
      });
      return undefined;
    },
  });
  const handle = await runtime.start(kernel);
  for (const n of [5, 10, 20]) await handle.send(Numbered({ n }));
  await clock.advance(30);
  expect(await ready("k")).toEqual([]);
  const { restarts, errors, deadLettered } = await handle.telemetry();
  expect([restarts, errors, deadLettered]).toEqual([1, 1, 0]);
  await handle.send(Numbered({ n: 10 }));
  await clock.settle();
  expect(clock.pending).toBe(1);
  await handle.terminate();
  expect(clock.pending).toBe(0);
});

test("what a timer is set with is checked, and a run body has none", async () => {
  const codes: unknown[] = [];
  const kernel = defineKernel({
    id: "k",
    input: Numbered,
    async handle(_, ctx) {
      for (const delay of [-1, Number.NaN]) codes.push(await codeOf(() => ctx.timer(delay, () => {})));
      codes.push(await codeOf(() => ctx.timer(1, 5 as never)));
    },
  });
  await (await runtime.start(kernel)).send(Numbered({ n: 1 }));
  await clock.settle();
  const loop = defineKernel({
    id: "loop",
    input: Numbered,
    async run(ctx) {
      codes.push(await codeOf(() => (ctx as unknown as { timer(ms: number, f: () => void): void }).timer(1, () => {})));
      expect(ctx.clock).toBe(clock);
    },
  });
  await runtime.launch(loop);
  await clock.settle();
  expect(codes).toEqual(Array(4).fill("INVALID_ARGUMENT"));
  expect(runtime.state("loop")).toBe("terminated");
});
