import { body, defineKernel, defineMessage } from "@ringline/core";

export const Job = defineMessage("Job", /** @type {import("@ringline/core").TypeOnly<{ n: number }>} */ (body()));

/** Gives each job back. */
export const passed = defineKernel({
  id: "passed",
  module: import.meta.url,
  input: Job,
  output: Job,
  handle: ({ n }) => Job({ n }),
});
