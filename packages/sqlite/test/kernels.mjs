import { body, defineKernel, defineMessage } from "@ringline/core";

export const Job = defineMessage("Job", /** @type {import("@ringline/core").TypeOnly<{ n: number }>} */ (body()));

/** Gives each job back. */
export const pass = defineKernel({
  id: "pass",
  module: import.meta.url,
  input: Job,
  output: Job,
  handle: (job) => Job({ ...job }),
});
