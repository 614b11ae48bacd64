import { setImmediate } from "node:timers/promises";
import { createRuntime, defineComputeKernel } from "@ringline/core";
import { expect, test, vi } from "vitest";
import { webgpu } from "../src/webgpu.js";
import { Item } from "./support/kernels.js";

/** Tens of milliseconds in software. */
const busy = defineComputeKernel({
  id: "busy",
  kind: "map",
  input: Item,
  output: Item,
  batch: { max: 1, linger: 0 },
  host: (m) => m,
  wgsl: `fn map(m: Item) -> Item {
    var x = m.id;
    for (var i = 0u; i < 20000000u; i++) { x = x * 1664525u + i; }
    return Item(m.id, x, m.x);
  }`,
});

test("the thread sleeps for the device only while nothing else wants to run on it", async () => {
  const runtime = createRuntime({ backend: webgpu() });
  const handle = await runtime.start(busy);
  const slept = vi.spyOn(Atomics, "wait");
  let isDone = false;
  const answer = handle.request(Item({ id: 1, slot: 0, x: 0 }), { timeout: 50_000 }).finally(() => {
    isDone = true;
  });
  let turns = 0;
  for (; !isDone; turns++) await setImmediate();
  await answer;
  const withOthers = slept.mock.calls.length;
  expect(withOthers).toBeLessThan(turns / 4);
  slept.mockClear();
  await handle.request(Item({ id: 1, slot: 0, x: 0 }), { timeout: 50_000 });
  expect(slept.mock.calls.length).toBeGreaterThan(withOthers);
  expect(slept.mock.calls.every(([, , , timeout]) => (timeout as number) <= 0.2)).toBe(true);
  await runtime.dispose();
});
