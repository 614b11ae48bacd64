import { defineKernel, pipeline } from "@ringline/core";
import { Task } from "./messages.js";

const module = import.meta.url;
const common = { module, input: Task, output: Task } as const;

/** Passes on each task unchanged. */
export const forward = defineKernel({ ...common, id: "forward", handle: (task) => Task({ ...task }) });

/** The same as a loop that crashes at a task which says so. */
export const crasher = defineKernel({
  ...common,
  id: "crasher",
  async run(ctx) {
    for await (const task of ctx) {
      if (task.fail !== undefined) throw new Error(task.fail);
      await ctx.send(Task({ ...task }));
    }
  },
});

/** Passes on each task twice; its first incarnations crash after they have sent the outputs of certain tasks. */
export const stumbler = defineKernel({
  ...common,
  id: "stumbler",
  async run(ctx) {
    const life = (ctx.restored as number | undefined) ?? 0;
    await ctx.checkpoint(life + 1);
    for await (const task of ctx) {
      await ctx.send(Task({ n: task.n }));
      await ctx.send(Task({ n: task.n }));
      if (task.fail !== undefined && life < 2) throw new Error(task.fail);
    }
  },
});

/** Passes on each task three times without awaiting the sends. */
export const hasty = defineKernel({
  ...common,
  id: "hasty",
  async run(ctx) {
    for await (const task of ctx) for (let i = 0; i < 3; i++) ctx.send(Task({ n: task.n })).catch(() => {});
  },
});

export const picky = defineKernel({
  ...common,
  id: "picky",
  handle(task) {
    if (task.fail !== undefined) throw new Error(task.fail);
    return Task({ ...task });
  },
});

/**
 * A stage whose failures a function of the topology decides about: it replaces the result of "answer", and returns
 * "reply" and "dead-letter" otherwise.
 */
export const decided = pipeline("decided", { module }).stage(picky, {
  name: "chosen",
  onError: (error, { n, fail }) => {
    if (fail === "answer") return Task({ n, fail: error.stage ?? "nowhere" });
    return fail === "reply" ? "reply" : "dead-letter";
  },
});
/** The same as a stage of another topology. */
export const nested = pipeline("nested", { module }).stage(decided, { name: "inner" }).stage(forward);
