import { defineKernel } from "@ringline/core";
import { Task } from "./messages.js";

const module = import.meta.url;
const common = { module, input: Task, output: Task } as const;

/** Hands on each task as it is. */
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

/** Hands on each task twice; in its first lives it crashes after it has sent what a task that says so makes. */
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

/** Hands on each task three times, and waits for none of it. */
export const hasty = defineKernel({
  ...common,
  id: "hasty",
  async run(ctx) {
    for await (const task of ctx) for (let i = 0; i < 3; i++) ctx.send(Task({ n: task.n })).catch(() => {});
  },
});
