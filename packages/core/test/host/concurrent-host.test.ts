import { beforeEach, expect, test } from "vitest";
import { createRuntime, defineKernel, pipeline, type Runtime, type Supervision } from "../../src/index.js";
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

const pause = (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve));
let most = 0;
let running = 0;
/** Works for `n` milliseconds on each message, and fails for the negative ones. */
const slow = (
  order: "preserve" | "unordered",
  extra: { onError?: "dead-letter" | "fail"; supervise?: Supervision } = {},
) =>
  defineKernel({
    id: "slow",
    input: Numbered,
    output: Numbered,
    concurrency: 3,
    order,
    ...extra,
    async handle({ n }) {
      running++;
      most = Math.max(most, running);
      await pause(Math.abs(n));
      running--;
      if (n < 0) throw new RangeError("on purpose");
      return Numbered({ n });
    },
  });
async function ready(): Promise<number[]> {
  await clock.settle();
  const seen: number[] = [];
  for (let out = runtime.tryReceive("slow"); out !== undefined; out = runtime.tryReceive("slow")) {
    seen.push((out as unknown as { n: number }).n);
  }
  return seen;
}
beforeEach(() => {
  most = running = 0;
});

test.each([
  ["preserve", [30, 20, 10, 5]],
  ["unordered", [10, 5, 20, 30]],
] as const)("so many messages are in progress, and outputs leave in the order %s", async (order, wanted) => {
  const handle = await runtime.start(slow(order));
  for (const n of [30, 20, 10, 5]) await handle.send(Numbered({ n }));
  await clock.settle();
  expect(running).toBe(3);
  expect((await handle.telemetry()).ledger.input).toMatchObject({ queued: 1, inHand: 3 });
  expect((await runtime.inspect()).kernels[0]?.waitsOn).toEqual([]);
  await clock.advance(15);
  expect(await ready()).toEqual(order === "unordered" ? [10, 5] : []);
  await clock.advance(100);
  const rest = await ready();
  expect(order === "unordered" ? [10, 5, ...rest] : rest).toEqual(wanted);
  expect(most).toBe(3);
  const { processed, sent, ledger } = await handle.telemetry();
  expect([processed, sent, ledger.input.done]).toEqual([4, 4, 4]);
  expect((await runtime.inspect()).kernels[0]?.waitsOn).toEqual([{ for: "input", kernelId: null, count: 1 }]);
});

test("a failed message is settled by itself, and later ones do not wait for it any longer", async () => {
  const handle = await runtime.start(slow("preserve"));
  for (const n of [-20, 5, 10]) await handle.send(Numbered({ n }));
  await clock.advance(19);
  expect(await ready()).toEqual([]);
  await clock.advance(1);
  expect(await ready()).toEqual([5, 10]);
  expect(runtime.deadLetters.peek().map(({ message }) => (message as unknown as { n: number }).n)).toEqual([-20]);
});

test("a crash ends all messages in progress: each is a dead letter, or is redelivered in order", async () => {
  for (const onCrash of ["dead-letter", "retry"] as const) {
    let failures = 0;
    const brittle = defineKernel({
      id: "slow",
      input: Numbered,
      output: Numbered,
      concurrency: 3,
      onError: "fail",
      supervise: { restart: "on-failure", onCrash, effects: "commit", backoff: { initial: 1, jitter: 0 } },
      async handle({ n }, ctx) {
        await ctx.send(Numbered({ n: n * 100 }));
        await pause(n);
        if (n === 10 && failures++ === 0) throw new RangeError("on purpose");
        return Numbered({ n });
      },
    });
    const handle = await runtime.start(brittle);
    for (const n of [30, 20, 10, 5]) await handle.send(Numbered({ n }));
    await clock.advance(100);
    const all = [3000, 30, 2000, 20, 1000, 10, 500, 5];
    expect(await ready()).toEqual(onCrash === "retry" ? all : [500, 5]);
    expect(runtime.deadLetters.size).toBe(3); // those of "dead-letter", which comes first
    const { ledger, restarts, requeued } = await handle.telemetry();
    expect([ledger.input.inHand, ledger.input.queued, restarts]).toEqual([0, 0, 1]);
    expect(requeued).toBe(onCrash === "retry" ? 3 : 0);
    await handle.terminate();
  }
});

test("requests are answered as they are ready, whatever the order", async () => {
  const handle = await runtime.start(slow("preserve"));
  const answers: number[] = [];
  for (const n of [30, 20, 10]) void handle.request(Numbered({ n })).then((answer) => answers.push(answer.n));
  await clock.advance(100);
  expect(answers).toEqual([10, 20, 30]);
});

test("an end with drain finishes what is in progress; without, it is asked to end", async () => {
  const handle = await runtime.start(slow("preserve"));
  for (const n of [30, 20, 10, 5]) await handle.send(Numbered({ n }));
  await clock.settle();
  const ended = handle.terminate({ drain: true });
  await clock.advance(100);
  await ended;
  const outputs: number[] = [];
  for await (const { n } of handle) outputs.push(n);
  expect(outputs).toEqual([30, 20, 10, 5]);
  expect(clock.pending).toBe(0);
});

test("deactivated, it takes no more; a rate holds for all together", async () => {
  const handle = await runtime.start(slow("preserve"));
  await handle.send(Numbered({ n: 10 }));
  await clock.settle();
  await handle.deactivate();
  await handle.send(Numbered({ n: 10 }));
  await clock.advance(50);
  expect(await ready()).toEqual([10]);
  await handle.activate();
  await clock.advance(10);
  expect(await ready()).toEqual([10]);
  await handle.terminate();

  const flow = await runtime.run(pipeline("line").stage(slow("unordered"), { rate: 100 }));
  for (let i = 0; i < 20; i++) await flow.send(Numbered({ n: 1 }));
  await clock.advance(101);
  const done = (await runtime.telemetry("line.slow")).processed;
  expect(done).toBeGreaterThanOrEqual(10);
  expect(done).toBeLessThanOrEqual(12);
});

test("options are checked; timers and checkpoints are refused", async () => {
  const given = { id: "k", input: Numbered, handle: async () => {} };
  for (const wrong of [{ concurrency: 0 }, { concurrency: 1.5 }, { order: "fast" }]) {
    expect(await codeOf(() => defineKernel({ ...given, ...wrong } as never))).toBe("INVALID_ARGUMENT");
  }
  const loop = { id: "k", input: Numbered, concurrency: 2, run: async () => {} };
  expect(await codeOf(() => defineKernel(loop as never))).toBe("INVALID_ARGUMENT");
  const codes: unknown[] = [];
  const handle = await runtime.start(
    defineKernel({
      ...given,
      concurrency: 2,
      async handle(_, ctx) {
        codes.push(await codeOf(() => ctx.timer(1, () => {})), await codeOf(() => ctx.checkpoint(1)));
      },
    }),
  );
  await handle.send(Numbered({ n: 1 }));
  await clock.settle();
  expect(codes).toEqual(["INVALID_ARGUMENT", "INVALID_ARGUMENT"]);
});
