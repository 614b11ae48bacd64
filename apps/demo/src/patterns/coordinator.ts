import { type Backend, body, createRuntime, defineKernel, defineMessage } from "@ringline/core";

const Job = defineMessage("Job", body<{ text: string }>());
const Step = defineMessage("Step", body<{ data: string; success: boolean; error?: string }>());
const PipelineResult = defineMessage("PipelineResult", body<{ result: string }>());
const PipelineError = defineMessage("PipelineError", body<{ failedStage: string; error: string }>());

export const trim = defineKernel({
  id: "stage1",
  module: import.meta.url,
  input: Step,
  output: Step,
  handle: (step) => Step({ data: step.data.trim(), success: true }),
});

/** Says by its reply that it failed. */
export const parse = defineKernel({
  id: "stage2",
  module: import.meta.url,
  input: Step,
  output: Step,
  handle({ data }) {
    if (/^\d+$/.test(data)) return Step({ data, success: true });
    return Step({ data, success: false, error: `"${data}" is not a number` });
  },
});

/** Throws: whoever asked gets the error in place of a reply. */
export const invert = defineKernel({
  id: "stage3",
  module: import.meta.url,
  input: Step,
  output: Step,
  handle({ data }) {
    if (Number(data) === 0) throw new RangeError("cannot divide by zero");
    return Step({ data: String(1 / Number(data)), success: true });
  },
});

/** Takes each job through the stages, one after the other, and reports the result or where it failed. */
export const coordinator = defineKernel({
  id: "pipeline_coordinator",
  module: import.meta.url,
  input: Job,
  output: [PipelineResult, PipelineError],
  peers: { stage1: trim, stage2: parse, stage3: invert },
  async handle(job, ctx) {
    let step = Step({ data: job.text, success: true });
    for (const stage of ["stage1", "stage2", "stage3"] as const) {
      try {
        step = await ctx.peers[stage].request(step, { timeout: 5000 });
      } catch (error) {
        return PipelineError({ failedStage: stage, error: reasonOf(error) });
      }
      if (!step.success) return PipelineError({ failedStage: stage, error: step.error ?? "unknown" });
    }
    return PipelineResult({ result: step.data });
  },
});

export async function pipelineCoordinator(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  using _ = runtime.on("error", ({ kernelId, cause }) => console.log(`(${kernelId} threw: ${cause})`));
  for (const stage of [trim, parse, invert]) await runtime.start(stage);
  const pipeline = await runtime.start(coordinator);

  for (const text of [" 4 ", "four", "0"]) {
    const reply = await pipeline.request(Job({ text }), { timeout: 10_000 });
    if (reply.type === "PipelineResult") console.log(`"${text}" gives ${reply.result}`);
    else console.log(`"${text}" failed in ${reply.failedStage}: ${reply.error}`);
  }
}

/** Returns the error of the stage, which is the cause of the request's error, or the reason for a missing reply. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
