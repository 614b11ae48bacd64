// A kernel of an installed program, on a thread of the installed backend.

import { isMainThread } from "node:worker_threads";
import { body, createRuntime, defineKernel, defineMessage } from "@ringline/core";
import { workerThreads } from "@ringline/worker-threads";

const Step = defineMessage("Step", /** @type {typeof body<{ n: number }>} */ (body)());
export const next = defineKernel({
  id: "next",
  module: import.meta.url,
  input: Step,
  output: Step,
  handle: ({ n }) => Step({ n: isMainThread ? 0 : n + 1 }),
});

if (isMainThread) {
  const runtime = createRuntime({ backend: workerThreads({ threads: 1 }) });
  const handle = await runtime.start(next);
  console.log((await handle.request(Step({ n: 2 }), { timeout: 10_000 })).n);
  await runtime.dispose();
}
