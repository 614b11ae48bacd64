// Kernels of the program that moves them at random.
import { body, defineKernel, defineMessage, graph, keyed } from "@ringline/core";

const module = import.meta.url;

/** Number of keys. */
export const KEYS = 13;

/** @typedef {{ n: number, key: number, count?: number }} ItemBody */
export const Item = defineMessage("Item", /** @type {import("@ringline/core").TypeOnly<ItemBody>} */ (body()));
export const Pair = defineMessage(
  "Pair",
  /** @type {import("@ringline/core").TypeOnly<{ left: ItemBody, right: ItemBody }>} */ (body()),
);
export const Counted = defineMessage(
  "Counted",
  /** @type {import("@ringline/core").TypeOnly<{ n: number, index: number, count: number }>} */ (body()),
);

const common = { module, input: Item, output: Item, queueSize: 16 };
/** Counts the items of each key, in a state by key. */
export const tally = defineKernel({
  ...common,
  id: "tally",
  state: keyed(() => 0),
  async handle({ n, key }, ctx) {
    const count = ctx.state.get(key);
    ctx.state.set(key, count + 1);
    if (n % 11 === 0) await new Promise((resolve) => setTimeout(resolve, n % 4));
    return Item({ n, key, count });
  },
});
export const uneven = defineKernel({
  ...common,
  id: "uneven",
  handle: async ({ n, key }) => {
    if (n % 7 === 0) await new Promise((resolve) => setTimeout(resolve, n % 3));
    return Item({ n, key });
  },
});

/** Numbers what it gets in a state that it saves with its outputs. */
export const counting = defineKernel({
  id: "counting",
  module,
  input: Pair,
  output: Counted,
  queueSize: 16,
  supervise: { effects: "commit" },
  async run(ctx) {
    let index = /** @type {number | undefined} */ (ctx.restored) ?? 0;
    for await (const { left, right } of ctx) {
      if (left.n !== right.n) throw new Error(`${left.n} was joined with ${right.n}`);
      await ctx.send(Counted({ n: left.n, index: index++, count: left.count ?? -1 }));
      await ctx.checkpoint(index);
    }
  },
});

const limits = { min: 1, max: 5, every: Number.POSITIVE_INFINITY };

/**
 * Stages whose number of workers changes, one of them with a state by key, a join of two branches, and a state.
 * @param {string} name @param {"preserve" | "any"} order
 */
const topology = (name, order) =>
  graph(name, Item, (items, { join }) => {
    const first = items.stage(uneven, { name: "first", workers: 2, order });
    const pairs = join(
      Pair,
      {
        left: first.stage(tally, { name: "left", workers: limits, by: { key: "key" }, order }),
        right: first.stage(uneven, { name: "right" }),
      },
      { timeout: 60_000 },
    );
    return pairs.stage(counting, { name: "last" });
  });

export const topologies = { ordered: topology("ordered", "preserve"), unordered: topology("unordered", "any") };
