import { defineKernel, peer } from "@ringline/core";
import { Result, Task } from "./messages.js";

const module = import.meta.url;
const common = { module, input: Task, output: Result } as const;

/** Throws a value whose inspection throws. */
export const trapHandler = defineKernel({
  ...common,
  id: "trapHandler",
  handle({ n, fail }, ctx) {
    const trap = () => {
      throw new Error(fail);
    };
    if (fail !== undefined) {
      throw new Proxy(
        {},
        { has: trap, get: trap, getPrototypeOf: trap, ownKeys: trap, getOwnPropertyDescriptor: trap },
      );
    }
    return Result({ n, by: ctx.kernelId, index: 0 });
  },
});

/** The same as a loop. */
export const trapLoop = defineKernel({
  ...common,
  id: "trapLoop",
  async run(ctx) {
    for await (const task of ctx) {
      const trap = () => {
        throw new Error(task.fail);
      };
      if (task.fail !== undefined) {
        throw new Proxy(
          {},
          { has: trap, get: trap, getPrototypeOf: trap, ownKeys: trap, getOwnPropertyDescriptor: trap },
        );
      }
      await ctx.send(Result({ n: task.n, by: ctx.kernelId, index: 0 }, { replyTo: task }));
    }
  },
});

/** Polls for messages without ever waiting; gives up after ten seconds. */
export const poller = defineKernel({
  ...common,
  id: "poller",
  async run(ctx) {
    const end = performance.now() + 10_000;
    while (!ctx.shouldTerminate && performance.now() < end) {
      try {
        const { n } = await ctx.receive({ timeout: 0 });
        await ctx.send(Result({ n, by: ctx.kernelId, index: 0 }));
      } catch {
        // nothing there: again
      }
    }
  },
});

/** Takes a millisecond for each message. */
export const slowSink = defineKernel({
  id: "slowSink",
  module,
  input: Result,
  handle: () => new Promise<void>((resolve) => setTimeout(resolve, 1)),
});

/** Has a peer to which it sends nothing, for links that form a cycle. */
export const neighbour = defineKernel({
  ...common,
  id: "neighbour",
  peers: { next: peer("next", { input: Task, output: Result }) },
  handle: ({ n }, { kernelId }) => Result({ n, by: kernelId, index: 0 }),
});
