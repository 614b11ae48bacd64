import { createRuntime, pipeline, type Runtime } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { type Stream, source } from "../stream.js";
import type { StepKernel } from "./open-kernels.js";
import { Step } from "./step.js";

/**
 * A flow of copies of one kernel, a source in and `for await` out. All options at their defaults but telemetry's.
 * `attach`: begins something beside it.
 */
export async function openFlow(
  kernel: StepKernel,
  stages: number,
  telemetry?: false,
  attach?: (runtime: Runtime) => Promise<AsyncDisposable>,
): Promise<Stream> {
  const runtime = createRuntime({ backend: inProcess(), ...(telemetry === false && { telemetry }) });
  let chain = pipeline("steps").stage(kernel.as("stage-1"));
  for (let stage = 2; stage <= stages; stage++) chain = chain.stage(kernel.as(`stage-${stage}`));
  const flow = await runtime.run(chain);
  const attached = await attach?.(runtime as Runtime);
  return {
    async run(messages, seen) {
      for await (const reply of flow.process(source(messages, (n) => Step({ n })))) seen(reply);
    },
    close: async () => {
      await attached?.[Symbol.asyncDispose]();
      await runtime.dispose();
    },
  };
}
