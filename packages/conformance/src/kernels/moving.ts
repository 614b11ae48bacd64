import { defineKernel } from "@ringline/core";
import { permits } from "./gated.js";
import { Result, Task } from "./messages.js";

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
