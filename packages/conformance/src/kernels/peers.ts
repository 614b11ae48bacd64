import { defineKernel, peer } from "@ringline/core";
import { soon } from "../patience.js";
import { Result, Task } from "./messages.js";

const module = import.meta.url;
const next = peer("next", { input: [Task, Result], output: Result });

/** Sends each message to its peer, then sends an output. */
export const forwarder = defineKernel({
  id: "forwarder",
  module,
  input: Task,
  output: Result,
  peers: { next },
  async handle(task, ctx) {
    await ctx.sendTo("next", task);
    return Result({ n: task.n, by: ctx.kernelId, index: 0 });
  },
});

/** Sends a request to its peer, and answers with the answer. */
export const asker = defineKernel({
  id: "asker",
  module,
  input: Task,
  output: Result,
  peers: { next },
  async handle(task, ctx) {
    const { n, by } = await ctx.peers.next.request(task, soon);
    return Result({ n, by: `${ctx.kernelId} < ${by}`, index: 0 });
  },
});

/** Sends each task to its peer and takes the result from there. */
export const fetcher = defineKernel({
  id: "fetcher",
  module,
  input: Task,
  output: Result,
  peers: { next },
  async run(ctx) {
    for await (const task of ctx) {
      await ctx.peers.next.send(task);
      const { n, by } = await ctx.receiveFrom("next", soon);
      await ctx.send(Result({ n, by: `${ctx.kernelId} < ${by}`, index: 0 }, { replyTo: task }));
    }
  },
});
