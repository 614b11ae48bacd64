import { defineKernel } from "@ringline/core";
import { Result, Task } from "./messages.js";

const module = import.meta.url;

/** Passes on its messages in `handle`. */
export const passer = defineKernel({
  id: "passer",
  module,
  input: [Task, Result],
  output: Result,
  handle: ({ n }, { kernelId }) => Result({ n, by: kernelId, index: 0 }),
});

/** Passes on its messages in a loop. */
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

/** Reports the number of messages of this incarnation. */
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
