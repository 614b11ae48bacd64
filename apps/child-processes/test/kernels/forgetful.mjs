import { body, defineKernel, defineMessage } from "@ringline/core";

// a class that a program has and its children have not, until a kernel asks for it
const Forgotten = DOMException;
if (process.argv[1]?.endsWith("child-main.js")) Reflect.deleteProperty(globalThis, "DOMException");

/** @type {ReturnType<typeof body<{ value: unknown }>>} */
const anything = body();
export const Job = defineMessage("Job", anything);

/** Gives each value back in words. */
export const forgetful = defineKernel({
  id: "forgetful",
  module: import.meta.url,
  input: Job,
  output: Job,
  handle: ({ value }) => Job({ value: String(value) }),
});

/** Gives back what a program without that class cannot read. */
export const peculiar = defineKernel({
  id: "peculiar",
  module: import.meta.url,
  input: Job,
  output: Job,
  handle({ value }) {
    globalThis.DOMException = Forgotten;
    return Job({ value: value === "odd" ? new Forgotten("stopped", "AbortError") : value });
  },
});
