import { buffer, defineComputeKernel, defineKernel, defineMessage, f32, struct, u32 } from "@ringline/core";
import "../../src/gpu-context.js";

export const Item = defineMessage("Item", struct({ id: u32, slot: u32, x: f32 }));
export const Block = defineMessage("Block", struct({ values: buffer(f32) }));

/** Adds one to each element, as stage `id`. */
export const step = (id: string) =>
  defineComputeKernel({
    id,
    kind: "program",
    input: Block,
    output: Block,
    shape: (m) => ({ values: m.values.length }),
    passes: [{ entry: "add", elements: (m) => m.values.length }],
    host({ values }, out) {
      for (const [i, x] of values.entries()) out.values[i] = x + 1;
    },
    wgsl: "fn add(i: u32) { out_values[i] = values[i] + 1.0; }",
  });

/** Lets go of every item whose number `modulo` divides. */
export const without = (modulo: number, ordering: "fifo" | "unordered" = "fifo", max = 1024) =>
  defineComputeKernel({
    id: `without${modulo}`,
    kind: "map",
    input: Item,
    output: Item,
    filter: true,
    ordering,
    batch: { max },
    host: (m) => (m.id % modulo === 0 ? null : m),
    wgsl: `fn map(m: Item, out: ptr<function, Item>) -> bool { *out = m; return m.id % ${modulo}u != 0u; }`,
  });

export const double = defineComputeKernel({
  id: "double",
  kind: "map",
  input: Item,
  output: Item,
  host: ({ id, slot, x }) => ({ id, slot, x: x * 2 }),
  wgsl: "fn map(m: Item) -> Item { return Item(m.id, m.slot, m.x * 2); }",
});

/** The sum of a slot so far. */
export const sum = defineComputeKernel({
  id: "sum",
  kind: "map",
  input: Item,
  output: Item,
  batch: { max: 64 },
  state: { layout: struct({ sum: f32 }), slots: 4, key: "slot", checkpointEvery: 200 },
  host({ id, slot, x }, state) {
    state.sum += x;
    return { id, slot, x: state.sum };
  },
  wgsl: `fn map(m: Item, s: ptr<storage, State, read_write>) -> Item {
    (*s).sum += m.x;
    return Item(m.id, m.slot, (*s).sum);
  }`,
});

export const Break = defineMessage("Break");
/** Loses the device. */
export const breaker = defineKernel({
  id: "breaker",
  input: Break,
  output: Break,
  needs: ["gpu"],
  async handle(_, { gpu }) {
    gpu.device.destroy();
    await gpu.device.lost;
    return Break();
  },
});

/**
 * Watches all items in the order in which they come: `slot` is how many of them had a number below that of the one before,
 * `x` how many came so far.
 */
export const watch = defineComputeKernel({
  id: "watch",
  kind: "map",
  input: Item,
  output: Item,
  state: { layout: struct({ last: u32, inversions: u32, count: u32 }), slots: 1, key: "slot" },
  host({ id }, state) {
    if (id < state.last) state.inversions++;
    state.last = id;
    state.count++;
    return { id, slot: state.inversions, x: state.count };
  },
  wgsl: `fn map(m: Item, s: ptr<storage, State, read_write>) -> Item {
    if (m.id < (*s).last) { (*s).inversions++; }
    (*s).last = m.id;
    (*s).count++;
    return Item(m.id, (*s).inversions, f32((*s).count));
  }`,
});

/** A state with few slots, chosen by a number that is not in order: messages of one batch lie in groups. */
export const grouped = defineComputeKernel({
  id: "grouped",
  kind: "map",
  input: Item,
  output: Item,
  filter: true,
  state: { layout: struct({ count: u32 }), slots: 3, key: "id" },
  host({ id }, state) {
    state.count++;
    return state.count % 4 === 0 ? null : { id, slot: 0, x: state.count };
  },
  wgsl: `fn map(m: Item, out: ptr<function, Item>, s: ptr<storage, State, read_write>) -> bool {
    (*s).count++;
    *out = Item(m.id, 0, f32((*s).count));
    return (*s).count % 4u != 0u;
  }`,
});

/** The same, but it keeps all. */
export const groupedAll = defineComputeKernel({
  id: "groupedAll",
  kind: "map",
  input: Item,
  output: Item,
  state: { layout: struct({ count: u32 }), slots: 3, key: "id" },
  host({ id }, state) {
    state.count++;
    return { id, slot: 0, x: state.count };
  },
  wgsl: `fn map(m: Item, s: ptr<storage, State, read_write>) -> Item {
    (*s).count++;
    return Item(m.id, 0, f32((*s).count));
  }`,
});

/** Takes about a second in software for numbers that are odd. */
export const slow = defineComputeKernel({
  id: "slow",
  kind: "map",
  input: Item,
  output: Item,
  batch: { max: 1, linger: 0 },
  host: ({ id, slot }) => ({ id, slot, x: 1 }),
  wgsl: `fn map(m: Item) -> Item {
    var x = m.x;
    for (var i = 0u; i < (m.id % 2u) * 400000000u; i++) { x = x * 1.0000001 + 0.1; }
    return Item(m.id, u32(x > 1e30), 1.0);
  }`,
});

export const lent: { device?: GPUDevice } = {};
/** Shows the device to the test. */
export const lender = defineKernel({
  id: "lender",
  input: Break,
  output: Break,
  needs: ["gpu"],
  handle(_, { gpu }) {
    lent.device = gpu.device;
    return Break();
  },
});
