import { defineKernel, keyed } from "@ringline/core";
import { permits } from "./gated.js";
import { Result, Task } from "./messages.js";
import { perform } from "./perform.js";

const module = import.meta.url;

/** A loop that numbers its results, and saves the number with each of them. */
export const countLoop = defineKernel({
  id: "countLoop",
  module,
  input: [Task, Result],
  output: Result,
  supervise: { effects: "commit" },
  async run(ctx) {
    let index = (ctx.restored as number | undefined) ?? 0;
    for await (const { n } of ctx) {
      await ctx.send(Result({ n, by: ctx.kernelId, index: index++ }));
      await ctx.checkpoint(index);
    }
  },
});

/** The same as a function of one message. */
export const counting = defineKernel({
  id: "counting",
  module,
  input: [Task, Result],
  output: Result,
  supervise: { effects: "commit" },
  async handle({ n }, ctx) {
    const index = (ctx.restored as number | undefined) ?? 0;
    await ctx.checkpoint(index + 1);
    return Result({ n, by: ctx.kernelId, index });
  },
});

/** Finishes a task when it gets a permit, even if the kernel is asked to end meanwhile. */
export const held = defineKernel({
  id: "held",
  module,
  input: Task,
  output: Result,
  peers: { permits },
  async handle({ n }, ctx) {
    await ctx.peers.permits.receive();
    return Result({ n, by: ctx.kernelId, index: 0 });
  },
});

/** Number of keys of `keyedCount`. */
export const KEYS = 7;
export const keyOf = ({ n }: { readonly n: number }): number => n % KEYS;

/** Numbers its results by key, in a state by key. */
export const keyedCount = defineKernel({
  id: "keyedCount",
  module,
  input: Task,
  output: Result,
  state: keyed(() => ({ count: 0 })),
  supervise: { restart: "always", onCrash: "retry" },
  async handle(task, ctx) {
    const seen = ctx.state.get(keyOf(task));
    ctx.state.set(keyOf(task), { count: seen.count + 1 });
    seen.count = -1; // a copy, which changes nothing
    await perform(task, ctx);
    return Result({ n: task.n, by: ctx.kernelId, index: ctx.state.get(keyOf(task)).count - 1 });
  },
});

/** Hands on a result as it is. */
export const handOn = defineKernel({
  id: "handOn",
  module,
  input: Result,
  output: Result,
  handle: ({ n, by, index }) => Result({ n, by, index }),
});

/** The same as a loop, in batches. */
export const keyedLoop = defineKernel({
  id: "keyedLoop",
  module,
  input: Task,
  output: Result,
  state: keyed(() => 0),
  async run(ctx) {
    for await (const batch of ctx.batches({ max: 4 })) {
      for (const task of batch) {
        const index = ctx.state.get(keyOf(task));
        ctx.state.set(keyOf(task), index + 1);
        await ctx.send(Result({ n: task.n, by: ctx.kernelId, index }, { replyTo: task }));
      }
    }
  },
});

/** Does with its state what the task says: sets `n` by key 0 to 9, deletes those of `outputs: 0`, and lists it. */
export const keyedStore = defineKernel({
  id: "keyedStore",
  module,
  input: Task,
  output: Result,
  state: keyed(() => 0),
  supervise: { restart: "on-failure", backoff: { initial: 0, jitter: 0 } },
  handle({ n, outputs, fail }, ctx) {
    if (outputs === 0) ctx.state.delete(n % 10);
    else ctx.state.set(n % 10, n);
    if (fail !== undefined) throw new Error(fail);
    const all = [...ctx.state.entries()].sort(([a], [b]) => Number(a) - Number(b));
    const by = `${ctx.state.size}: ${all.map(([key, value]) => `${key}=${value}`).join(" ")}`;
    return Result({ n, by, index: ctx.state.has(n % 10) ? 1 : 0 });
  },
});
