import { createRuntime, defineComputeKernel, f32, i32, pipeline, struct, u32 } from "@ringline/core";
import { describe, expect, test } from "vitest";
import type { WebGpuOptions } from "../src/options.js";
import { webgpu } from "../src/webgpu.js";
import { Item, without } from "./support/kernels.js";

/** Weighs an item by its slot. */
const weighed = defineComputeKernel({
  id: "weighed",
  kind: "map",
  input: Item,
  output: Item,
  lookups: { weights: { of: f32, values: [1, 10, 100] }, more: { of: i32, values: () => [-1] } },
  host: ({ id, slot, x }, _, { weights, more }) => ({
    id,
    slot,
    x: x * (weights[slot % 3] as number) + (more[0] as number),
  }),
  wgsl: `fn map(m: Item) -> Item {
    return Item(m.id, m.slot, m.x * weights[m.slot % arrayLength(&weights)] + f32(more[0]));
  }`,
});

/** Repeats an item as often as its number says, 3 times at most, and numbers what a slot gave so far. */
const repeated = defineComputeKernel({
  id: "repeated",
  kind: "map",
  input: Item,
  output: Item,
  outputs: 3,
  state: { layout: struct({ count: u32 }), slots: 2, key: "slot" },
  host: ({ id, x }, state) => Array.from({ length: id % 4 }, () => ({ id, slot: state.count++, x })),
  wgsl: `fn map(m: Item, out: ptr<function, array<Item, 3>>, s: ptr<storage, State, read_write>) -> u32 {
    for (var i = 0u; i < m.id % 4u; i++) {
      (*out)[i] = Item(m.id, (*s).count, m.x);
      (*s).count++;
    }
    return m.id % 4u;
  }`,
});

const items = Array.from({ length: 500 }, (_, id) => Item({ id, slot: id % 5, x: id }));

function expected(keeps: (id: number) => boolean): number[][] {
  const counts = [0, 0];
  return items
    .filter(({ id }) => keeps(id))
    .flatMap(({ id, slot, x }) => {
      const weight = x * 10 ** (slot % 3) - 1;
      const before = counts[slot % 2] as number;
      counts[slot % 2] = before + (id % 4);
      return Array.from({ length: id % 4 }, (_, i) => [id, before + i, weight]);
    });
}

describe.each<WebGpuOptions>([{ pool: { poison: true } }, { batch: { ring: 7 } }])("with %j", (options) => {
  test("lookup arrays and several outputs, behind a map and behind a filter with a ring", async () => {
    const runtime = createRuntime({ backend: webgpu(options) });
    const plain = await runtime.run(pipeline("plain").stage(weighed).stage(repeated));
    const rings = await runtime.run(pipeline("rings").stage(without(3)).stage(weighed.as("w")).stage(repeated.as("r")));
    for (const [flow, keeps] of [
      [plain, () => true],
      [rings, (id: number) => id % 3 !== 0],
    ] as const) {
      const seen: number[][] = [];
      for await (const { id, slot, x } of flow.process(items)) seen.push([id, slot, x]);
      expect(seen).toEqual(expected(keeps));
    }
    await runtime.dispose();
  });
});

test("a map with several outputs is the last stage of its chain, and others follow it", async () => {
  const runtime = createRuntime({ backend: webgpu() });
  const flow = await runtime.run(pipeline("more").stage(repeated).stage(weighed));
  let count = 0;
  for await (const { x, slot } of flow.process(items)) {
    expect(Number.isFinite(x + slot)).toBe(true);
    count++;
  }
  expect(count).toBe(expected(() => true).length);
  await runtime.dispose();
});
