import { isMainThread } from "node:worker_threads";
import { body, defineKernel, defineMessage } from "@ringline/core";

// a class that the sender has and this thread has not
if (!isMainThread) Reflect.deleteProperty(globalThis, "DOMException");

/** @type {ReturnType<typeof body<{ value: unknown }>>} */
const anything = body();
export const Job = defineMessage("Job", anything);
export const forgetful = defineKernel({
  id: "forgetful",
  module: import.meta.url,
  input: Job,
  output: Job,
  handle: ({ value }) => Job({ value: String(value) }),
});
