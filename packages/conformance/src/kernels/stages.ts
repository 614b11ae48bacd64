import { defineKernel } from "@ringline/core";
import { Result, Task } from "./messages.js";

const module = import.meta.url;

/** Hands on what it gets, as a function. */
export const passer = defineKernel({
  id: "passer",
  module,
  input: [Task, Result],
  output: Result,
  handle: ({ n }, { kernelId }) => Result({ n, by: kernelId, index: 0 }),
});

/** Hands on what it gets, as a loop. */
export const passLoop = defineKernel({
  id: "passLoop",
  module,
  input: [Task, Result],
  output: Result,
  async run(ctx) {
    for await (const message of ctx) {
      await ctx.send(Result({ n: message.n, by: ctx.kernelId, index: 0 }, { replyTo: message }));
    }
  },
});

/** Says how many messages it has had in this life. */
export const lifeCounter = defineKernel({
  id: "lifeCounter",
  module,
  input: Result,
  output: Result,
  async run(ctx) {
    for (let index = 1; ; index++) {
      const message = await ctx.receive();
      await ctx.send(Result({ n: message.n, by: ctx.kernelId, index }, { replyTo: message }));
    }
  },
});
