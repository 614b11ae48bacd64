import { createRuntime, defineKernel } from "@ringline/core";
import { workerThreads } from "@ringline/worker-threads";
import { Job } from "./faulty.mjs";

export const inner = defineKernel({
  id: "inner",
  module: import.meta.url,
  input: Job,
  output: Job,
  handle: ({ n }) => Job({ n: n * 2 }),
});

/** Asks a kernel of a runtime of its own. */
export const outer = defineKernel({
  id: "outer",
  module: import.meta.url,
  input: Job,
  output: Job,
  async handle({ n }) {
    const runtime = createRuntime({ backend: workerThreads({ threads: 1 }) });
    const kernel = await runtime.start(inner);
    const answer = await kernel.request(Job({ n }));
    await runtime.dispose();
    return Job({ n: answer.n + 1 });
  },
});
