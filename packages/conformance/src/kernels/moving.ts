import { defineKernel } from "@ringline/core";
import { permits } from "./gated.js";
import { Result, Task } from "./messages.js";

const module = import.meta.url;

/** Numbers its results in a state that it saves with each of them: a loop. */
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

/** Finishes a task when it gets a permit, whatever its kernel is told meanwhile. */
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
