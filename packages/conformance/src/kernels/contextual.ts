import { defineKernel } from "@ringline/core";
import { Done, Job } from "./jobs.js";

interface Store {
  getStore(): unknown;
  run<T>(value: unknown, call: () => T): T;
}
interface Hooks {
  readonly AsyncLocalStorage: new () => Store;
}

const { process } = globalThis as { process?: { getBuiltinModule?(name: string): Hooks | undefined } };
const hooks = process?.getBuiltinModule?.("node:async_hooks");
/** Undefined on a runtime without asynchronous contexts. */
const store: Store | undefined = hooks && new hooks.AsyncLocalStorage();

/** The context of the caller, "undefined" for none. */
export const contextHere = (): string => String(store?.getStore());

/** Calls a function in an asynchronous context of this name. */
export function inContext<T>(name: string, call: () => T): T {
  return store === undefined ? call() : store.run(name, call);
}

export const hasContexts = store !== undefined;

/** Answers with the context of its body after a pause. */
export const contextual = defineKernel({
  id: "contextual",
  module: import.meta.url,
  input: Job,
  output: Done,
  async handle({ n }, ctx) {
    await new Promise((resolve) => setTimeout(resolve, n % 3));
    return Done({ n, from: contextHere(), output: 0, by: ctx.kernelId });
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
      const from = contextHere();
      await ctx.send(Done({ n: job.n, from, output: 0, by: ctx.kernelId }, { replyTo: job }));
    }
  },
});
