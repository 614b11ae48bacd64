import { createRuntime } from "@ringline/core";
import { workerThreads } from "@ringline/worker-threads";
import { expect, test } from "vitest";
import { busy, Part, slow, source } from "../kernels/neighbours.mjs";

const STAYS = 160;
const text = "x".repeat(1000);
const range = Array.from({ length: STAYS }, (_, n) => n);

/** Memory grows by less than half of the 21 MB that go by. */
async function measured(traffic: () => Promise<void>): Promise<void> {
  const before = process.memoryUsage().arrayBuffers;
  await traffic();
  expect((process.memoryUsage().arrayBuffers - before) / 1e6).toBeLessThan(9);
}

test("what is queued for a paused kernel takes memory of its own size, and outlives the thread it was moved in", async () => {
  const runtime = createRuntime({ backend: workerThreads({ threads: 1 }) });
  runtime.on("error", () => {});
  const waiting = await runtime.launch(slow);
  const other = await runtime.start(busy);
  const send = async () => {
    for (const n of range) {
      await waiting.send(Part({ n }));
      for (let i = 0; i < 130; i++) await other.send(Part({ n: -1, text }));
    }
  };
  await measured(send);
  await other.send(Part({ n: 0, dies: true }));
  await expect.poll(async () => (await other.telemetry()).restarts).toBe(1);
  await waiting.activate();
  const seen = [];
  for (const _ of range) seen.push((await waiting.receive({ timeout: 60_000 })).n);
  expect(seen).toEqual(range);
  const { ledger } = await waiting.telemetry();
  expect(ledger.input).toMatchObject({ accepted: STAYS, queued: 0, deadLettered: 0 });
  await runtime.dispose();
});

test("the same for outputs that nobody reads", async () => {
  const runtime = createRuntime({ backend: workerThreads({ threads: 1 }) });
  const [quiet, loud] = [await runtime.start(slow), await runtime.start(busy)];
  await measured(async () => {
    for (const n of range) {
      await quiet.send(Part({ n }));
      for (let i = 0; i < 130; i++) {
        await loud.send(Part({ n, text }));
        await loud.receive();
      }
    }
  });
  const seen = [];
  for (const _ of range) seen.push((await quiet.receive({ timeout: 60_000 })).n);
  expect(seen).toEqual(range);
  await runtime.dispose();
});

test("what another thread has sent is read when both threads are lost", async () => {
  const placement = (id: string, threads: readonly { readonly kernels: readonly string[] }[]) => {
    const shared = threads.findIndex(({ kernels }) => kernels.includes("source") === (id === "source"));
    return shared === -1 ? ("new" as const) : (threads[shared] as unknown as { thread: number }).thread;
  };
  const runtime = createRuntime({ backend: workerThreads({ threads: 2, placement }) });
  runtime.on("error", () => {});
  const [sender, waiting] = [await runtime.start(source), await runtime.launch(slow)];
  const other = await runtime.start(busy);
  for (const n of range) {
    await sender.send(Part({ n, text }));
    expect((await sender.receive({ timeout: 60_000 })).n).toBe(n);
  }
  await sender.send(Part({ n: 0, dies: true }));
  await expect.poll(async () => (await sender.telemetry()).restarts).toBe(1);
  await other.send(Part({ n: 0, dies: true }));
  await expect.poll(async () => (await other.telemetry()).restarts).toBe(1);
  await waiting.activate();
  const seen = [];
  for (const _ of range) seen.push((await waiting.receive({ timeout: 60_000 })).n);
  expect(seen).toEqual(range);
  await runtime.dispose();
});
