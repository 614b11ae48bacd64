import { defineKernel, isRinglineError } from "@ringline/core";
import { Result, Task } from "./messages.js";
import { perform } from "./perform.js";

const module = import.meta.url;

/** Waits for its activation first, and reports the result: n is 1 if it is active, 0 if it is asked to end instead. */
export const waiter = defineKernel({
  id: "waiter",
  module,
  input: Task,
  output: Result,
  async run(ctx) {
    await ctx.waitActive();
    await ctx.send(Result({ n: ctx.isActive ? 1 : 0, by: ctx.kernelId, index: 0 }));
  },
});

/** The loop of the guide of PyDotCompute, with work after it. */
export const guideLoop = defineKernel({
  id: "guideLoop",
  module,
  input: Task,
  output: Result,
  async run(ctx) {
    while (!ctx.shouldTerminate) {
      if (!ctx.isActive) {
        await ctx.waitActive();
        continue;
      }
      try {
        const { n } = await ctx.receive({ timeout: 20 });
        await ctx.send(Result({ n, by: ctx.kernelId, index: 0 }));
      } catch (error) {
        if (!isRinglineError(error, "TIMEOUT", "TERMINATED")) throw error;
      }
    }
    await ctx.send(Result({ n: -1, by: "behind the loop", index: 0 }));
  },
});

/** Ignores the request to end: finishes its task first, and then tries to send. */
export const stubborn = defineKernel({
  id: "stubborn",
  module,
  input: Task,
  output: Result,
  async run(ctx) {
    const { n, delay } = await ctx.receive();
    await new Promise((resolve) => setTimeout(resolve, delay));
    await ctx.send(Result({ n, by: ctx.kernelId, index: 0 }));
  },
});

/** Sends increasing numbers without input. */
export const source = defineKernel({
  id: "source",
  module,
  output: Result,
  async run(ctx) {
    for (let n = 0; !ctx.shouldTerminate; n++) await ctx.send(Result({ n, by: ctx.kernelId, index: 0 }));
  },
});

/** Throws before it does anything. */
export const stillborn = defineKernel({
  id: "stillborn",
  module,
  input: Task,
  output: Result,
  async run() {
    throw new Error("at once");
  },
});

/** Restarts an hour after a failure. */
export const jumpy = defineKernel({
  id: "jumpy",
  module,
  input: Task,
  output: Result,
  onError: { retry: 3, backoff: { initial: 3_600_000, max: 3_600_000, jitter: 0 } },
  handle: perform,
});

/** Holds its tasks: settles one, and passes it on, when a later task names it by its number. */
export const holder = defineKernel({
  id: "holder",
  module,
  input: Task,
  output: Result,
  ack: "manual",
  async run(ctx) {
    const held = new Map<number, Task>();
    for await (const task of ctx) {
      held.set(task.n, task);
      const settles = held.get(-task.n);
      if (settles === undefined) continue;
      await ctx.send(Result({ n: settles.n, by: ctx.kernelId, index: 0 }, { replyTo: settles }));
      for (const one of [settles, task]) ctx.settle(one);
    }
  },
});
