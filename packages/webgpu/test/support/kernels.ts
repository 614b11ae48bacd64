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
export const without = (modulo: number) =>
  defineComputeKernel({
    id: `without${modulo}`,
    kind: "map",
    input: Item,
    output: Item,
    filter: true,
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
