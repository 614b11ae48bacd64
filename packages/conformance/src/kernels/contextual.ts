import { defineKernel } from "@ringline/core";
import { Done, Job } from "./jobs.js";

interface Store {
  getStore(): unknown;
  run<T>(value: unknown, call: () => T): T;
}
interface Hooks {
  readonly AsyncLocalStorage: new () => Store;
}

/** The context that callers share with what they call; undefined where a runtime has none. */
export const callerContext: Store | undefined = open();

function open(): Store | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): Hooks | undefined } };
  const hooks = process?.getBuiltinModule?.("node:async_hooks");
  return hooks && new hooks.AsyncLocalStorage();
}

/** Answers with the context that it sees, after a pause. */
export const contextual = defineKernel({
  id: "contextual",
  module: import.meta.url,
  input: Job,
  output: Done,
  async handle({ n }, ctx) {
    await new Promise((resolve) => setTimeout(resolve, n % 3));
    return Done({ n, from: String(callerContext?.getStore()), output: 0, by: ctx.kernelId });
  },
});

/** The same as a loop. */
export const contextualLoop = defineKernel({
  id: "contextualLoop",
  module: import.meta.url,
  input: Job,
  output: Done,
  async run(ctx) {
    for await (const job of ctx) {
      const from = String(callerContext?.getStore());
      await ctx.send(Done({ n: job.n, from, output: 0, by: ctx.kernelId }, { replyTo: job }));
    }
  },
});
