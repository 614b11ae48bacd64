// Kernels of the program that moves them at random.
import { body, defineKernel, defineMessage, graph } from "@ringline/core";

const module = import.meta.url;

export const Item = defineMessage("Item", /** @type {import("@ringline/core").TypeOnly<{ n: number }>} */ (body()));
export const Pair = defineMessage(
  "Pair",
  /** @type {import("@ringline/core").TypeOnly<{ left: { n: number }, right: { n: number } }>} */ (body()),
);
export const Counted = defineMessage(
  "Counted",
  /** @type {import("@ringline/core").TypeOnly<{ n: number, index: number }>} */ (body()),
);

const common = { module, input: Item, output: Item, queueSize: 16 };
export const even = defineKernel({ ...common, id: "even", handle: ({ n }) => Item({ n }) });
export const uneven = defineKernel({
  ...common,
  id: "uneven",
  handle: async ({ n }) => {
    if (n % 7 === 0) await new Promise((resolve) => setTimeout(resolve, n % 3));
    return Item({ n });
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
      await ctx.send(Counted({ n: left.n, index: index++ }));
      await ctx.checkpoint(index);
    }
  },
});

/** Two workers, a join of two branches, and a state; with order or without. */
export const topologies = {
  ordered: graph("ordered", Item, (items, { join }) => {
    const first = items.stage(uneven, { name: "first", workers: 2, order: "preserve" });
    const pairs = join(
      Pair,
      { left: first.stage(even, { name: "left" }), right: first.stage(uneven, { name: "right" }) },
      { timeout: 60_000 },
    );
    return pairs.stage(counting, { name: "last" });
  }),
  unordered: graph("unordered", Item, (items, { join }) => {
    const first = items.stage(uneven, { name: "first", workers: 2 });
    const pairs = join(
      Pair,
      { left: first.stage(even, { name: "left" }), right: first.stage(uneven, { name: "right" }) },
      { timeout: 60_000 },
    );
    return pairs.stage(counting, { name: "last" });
  }),
};
