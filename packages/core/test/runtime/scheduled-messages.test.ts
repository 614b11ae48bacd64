import { beforeEach, expect, test } from "vitest";
import { createRuntime, defineKernel, type Runtime } from "../../src/index.js";
import { type VirtualClock, virtualClock } from "../../src/testing.js";
import { local } from "../support/local-backend.js";
import { Numbered } from "../support/messages.js";
import { codeOf } from "../support/settling.js";

const START = Date.UTC(2026, 0, 1);
const echo = defineKernel({ id: "echo", input: Numbered, output: Numbered, handle: ({ n }) => Numbered({ n }) });
let clock: VirtualClock;
let runtime: Runtime;
beforeEach(() => {
  clock = virtualClock(START);
  runtime = createRuntime({ backend: local(), clock }) as unknown as Runtime;
  runtime.on("error", () => {});
  return () => runtime.dispose();
});

async function ready(): Promise<number[]> {
  await clock.settle();
  const seen: number[] = [];
  for (let out = runtime.tryReceive(echo); out !== undefined; out = runtime.tryReceive(echo)) seen.push(out.n);
  return seen;
}
const ledger = async () => (await runtime.telemetry(echo)).ledger.input;

test("a message is delivered after its delay, or at its time, and counts as queued until then", async () => {
  const handle = await runtime.start(echo);
  await handle.send(Numbered({ n: 1 }), { delay: 100 });
  await runtime.send(echo, Numbered({ n: 2 }), { at: new Date(START + 50) });
  await runtime.send(echo, Numbered({ n: 3 }), { at: START - 5 });
  await runtime.send(echo, Numbered({ n: 4 }), { at: START + 200_000 });
  expect(await ready()).toEqual([3]);
  expect(await ledger()).toMatchObject({ accepted: 4, queued: 3, done: 1 });
  expect((await runtime.inspect()).kernels[0]?.queued).toBe(3);
  await clock.advance(99);
  expect(await ready()).toEqual([2]);
  await clock.advance(1);
  expect(await ready()).toEqual([1]);
  await clock.advance(200_000);
  expect(await ready()).toEqual([4]);
  expect(await ledger()).toEqual({ accepted: 4, queued: 0, inHand: 0, done: 4, dropped: 0, deadLettered: 0 });
  expect(clock.pending).toBe(0);
});

test("a signal withdraws a message, which counts as dropped", async () => {
  const handle = await runtime.start(echo);
  const dropped: string[] = [];
  runtime.on("drop", ({ kernelId, message }) => dropped.push(`${kernelId} ${message.type}`));
  const controller = new AbortController();
  await handle.send(Numbered({ n: 1 }), { delay: 100, signal: controller.signal });
  controller.abort();
  expect(await ledger()).toMatchObject({ accepted: 1, queued: 0, dropped: 1 });
  await clock.advance(200);
  expect(await ready()).toEqual([]);
  expect(dropped).toEqual(["echo Numbered"]);
  expect(await codeOf(() => handle.send(Numbered({ n: 1 }), { delay: 1, signal: controller.signal }))).toBe("ABORTED");
});

test("what the input does not take in time is a dead letter, and so is what the end of the kernel overtakes", async () => {
  const handle = await runtime.launch(echo, { queueSize: 1 });
  await handle.send(Numbered({ n: 0 }));
  await handle.send(Numbered({ n: 1 }), { delay: 10, timeout: 5 });
  await handle.send(Numbered({ n: 2 }), { delay: 10 });
  await handle.send(Numbered({ n: 3 }), { delay: 1000 });
  await clock.advance(20);
  expect(runtime.deadLetters.peek().map(({ reason }) => reason)).toEqual(["TIMEOUT"]);
  expect(await ledger()).toMatchObject({ accepted: 4, queued: 3, deadLettered: 1 });
  await handle.activate();
  expect(await ready()).toEqual([0, 2]);
  await handle.terminate({ drain: true });
  const letters = runtime.deadLetters
    .peek()
    .map(({ reason, message }) => [reason, (message as unknown as { n: number }).n]);
  expect(letters).toEqual([
    ["TIMEOUT", 1],
    ["TERMINATED", 3],
  ]);
  expect(await ledger()).toEqual({ accepted: 4, queued: 0, inHand: 0, done: 2, dropped: 0, deadLettered: 2 });
  expect(clock.pending).toBe(0);
  expect(await codeOf(() => handle.send(Numbered({ n: 4 }), { delay: 1 }))).toBe("TERMINATED");
});

test("messages wait while their kernel restarts, and become dead letters when it has failed for good", async () => {
  const brittle = defineKernel({
    id: "echo",
    input: Numbered,
    output: Numbered,
    onError: "fail",
    supervise: { restart: "on-failure", limit: { max: 1, window: 1e6 }, backoff: { initial: 50, jitter: 0 } },
    handle({ n }) {
      if (n < 0) throw new RangeError("on purpose");
      return Numbered({ n });
    },
  });
  const handle = await runtime.start(brittle);
  await handle.send(Numbered({ n: 1 }), { delay: 20 });
  await handle.send(Numbered({ n: 2 }), { delay: 1000 });
  await handle.send(Numbered({ n: -1 }));
  await clock.advance(100);
  expect(await ready()).toEqual([1]);
  await handle.send(Numbered({ n: -2 }));
  await clock.settle();
  expect(runtime.deadLetters.peek().map(({ reason }) => reason)).toEqual(Array(3).fill("KERNEL_FAILED"));
  expect(await codeOf(() => handle.send(Numbered({ n: 4 }), { delay: 1 }))).toBe("KERNEL_FAILED");
});

test("a type, a delay and a time are checked at once", async () => {
  const handle = await runtime.start(echo);
  for (const options of [{ delay: -1 }, { delay: Number.NaN }, { delay: "1" }, { delay: 1, at: 1 }, { at: "soon" }]) {
    expect(await codeOf(() => handle.send(Numbered({ n: 1 }), options as never))).toBe("INVALID_ARGUMENT");
  }
  expect(await codeOf(() => handle.send({ type: "Other" } as never, { delay: 1 }))).toBe("TYPE_MISMATCH");
  expect(await ledger()).toMatchObject({ accepted: 0 });
});
