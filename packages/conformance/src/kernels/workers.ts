import { defineKernel } from "@ringline/core";
import { Result, Task } from "./messages.js";
import { perform } from "./perform.js";

const module = import.meta.url;

/** Performs each task in `handle`. */
export const handler = defineKernel({ id: "handler", module, input: Task, output: Result, handle: perform });

/** The same as a loop over messages. */
export const looper = defineKernel({
  id: "looper",
  module,
  input: Task,
  output: Result,
  async run(ctx) {
    for await (const task of ctx) {
      for (const result of await perform(task, ctx)) await ctx.send(Result.with(result, { replyTo: task }));
    }
  },
});

/** The same in batches. */
export const batcher = defineKernel({
  id: "batcher",
  module,
  input: Task,
  output: Result,
  async run(ctx) {
    for await (const batch of ctx.batches({ max: 16 })) {
      for (const task of batch) {
        for (const result of await perform(task, ctx)) await ctx.send(Result.with(result, { replyTo: task }));
      }
    }
  },
});

/** Takes messages without output. */
export const sink = defineKernel({ id: "sink", module, input: [Task, Result], handle() {} });
