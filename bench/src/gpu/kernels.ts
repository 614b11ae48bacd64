import {
  array,
  buffer,
  defineComputeKernel,
  defineKernel,
  defineMessage,
  f32,
  struct,
  type UnifiedBuffer,
  u32,
} from "@ringline/core";
import type { GpuContext } from "@ringline/webgpu";

export const Block = defineMessage("Block", struct({ values: buffer(f32) }));

/** One stage of the chains: a few operations for each element. */
export const STEP = "1.0001 * values[i] + 0.5";

export const step = (id: string) =>
  defineComputeKernel({
    id,
    kind: "program",
    input: Block,
    output: Block,
    shape: (m) => ({ values: m.values.length }),
    passes: [{ entry: "work", elements: (m) => m.values.length }],
    host({ values }, out) {
      for (let i = 0; i < values.length; i++) out.values[i] = 1.0001 * (values[i] as number) + 0.5;
    },
    wgsl: `fn work(i: u32) { out_values[i] = ${STEP}; }`,
  });

/** Sixteen bytes. */
export const Item = defineMessage("Item", struct({ id: u32, slot: u32, x: f32, y: f32 }));

export const map = (id: string, max: number) =>
  defineComputeKernel({
    id,
    kind: "map",
    input: Item,
    output: Item,
    batch: { max, linger: 1 },
    host: (m) => ({ ...m, y: m.x * 2 }),
    wgsl: "fn map(m: Item) -> Item { return Item(m.id, m.slot, m.x, m.x * 2); }",
  });

/** Numbers in the window, 74 K. */
export const WINDOW = 75_776;
/** New ones in each message. */
export const NEWS = 64;
export const News = defineMessage("News", struct({ at: u32, values: array(f32, NEWS) }));
export const Level = defineMessage("Level", struct({ sum: f32 }));
export const Whole = defineMessage("Whole", struct({ values: buffer(f32) }));

/** Puts the new numbers into a window that stays on the device, and adds up every 64th of it. */
export const resident = defineComputeKernel({
  id: "resident",
  kind: "map",
  input: News,
  output: Level,
  batch: { max: 64, linger: 0 },
  state: { layout: struct({ window: array(f32, WINDOW) }), slots: 1, key: "at", checkpointEvery: 1_000_000 },
  host({ at, values }, state) {
    state.window.set(values, at * NEWS);
    let sum = 0;
    for (let i = 0; i < WINDOW; i += 64) sum += state.window[i] as number;
    return { sum };
  },
  wgsl: `fn map(m: News, s: ptr<storage, State, read_write>) -> Level {
    for (var i = 0u; i < ${NEWS}u; i++) { (*s).window[m.at * ${NEWS}u + i] = m.values[i]; }
    var sum = 0.0;
    for (var i = 0u; i < ${WINDOW}u; i += 64u) { sum += (*s).window[i]; }
    return Level(sum);
  }`,
});

/** The same over a window that comes with each message. */
export const stateless = defineComputeKernel({
  id: "stateless",
  kind: "program",
  input: Whole,
  output: Level,
  shape: () => ({}),
  passes: [{ entry: "add", elements: () => 1, workgroup: 1 }],
  host({ values }) {
    let sum = 0;
    for (let i = 0; i < WINDOW; i += 64) sum += values[i] as number;
    return { sum };
  },
  wgsl: `fn add(_i: u32) {
    var sum = 0.0;
    for (var i = 0u; i < ${WINDOW}u; i += 64u) { sum += values[i]; }
    result.sum = sum;
  }`,
});

type Ordering = "fifo" | "unordered";

/** Filters in a row let a part of the items through. */
export const without = (modulo: number, ordering: Ordering) =>
  defineComputeKernel({
    id: `without${modulo}`,
    kind: "map",
    input: Item,
    output: Item,
    filter: true,
    ordering,
    batch: { max: 16_384, linger: 1 },
    host: (m) => (m.id % modulo === 0 ? null : m),
    wgsl: `fn map(m: Item, out: ptr<function, Item>) -> bool { *out = m; return m.id % ${modulo}u != 0u; }`,
  });

/** A third filter, with a state that sees the order: `slot` is how many items had a number below that of the one before. */
export const watch = defineComputeKernel({
  id: "watch",
  kind: "map",
  input: Item,
  output: Item,
  filter: true,
  state: { layout: struct({ last: u32, inversions: u32 }), slots: 1, key: "slot" },
  host({ id, x, y }, state) {
    if (id < state.last) state.inversions++;
    state.last = id;
    return id % 5 === 0 ? null : { id, slot: state.inversions, x, y };
  },
  wgsl: `fn map(m: Item, out: ptr<function, Item>, s: ptr<storage, State, read_write>) -> bool {
    if (m.id < (*s).last) { (*s).inversions++; }
    (*s).last = m.id;
    *out = Item(m.id, (*s).inversions, m.x, m.y);
    return m.id % 5u != 0u;
  }`,
});

const Ask = defineMessage("Ask");
export let gpu: GpuContext;
/** Brings the device, and the way to wait for it, to whoever measures without the runtime. */
export const lender = defineKernel({
  id: "lender",
  input: Ask,
  output: Ask,
  needs: ["gpu"],
  handle(_, ctx) {
    gpu = ctx.gpu;
    return Ask();
  },
});
export const ask = () => Ask();
export type Values = UnifiedBuffer<Float32Array>;
