import { type Backend, body, createRuntime, defineKernel, defineMessage } from "@ringline/core";

const Input = defineMessage("Input", body<{ json: string }>());
const StageResult = defineMessage(
  "StageResult",
  body<{ data: unknown; success: true; stage: string } | { error: string; success: false; stage: string }>(),
);

/** Answers every message, with a result or with what went wrong, and goes on. */
export const resilientStage = defineKernel({
  id: "resilient_stage",
  module: import.meta.url,
  input: Input,
  output: StageResult,
  async run(ctx) {
    const stage = ctx.kernelId;
    for await (const input of ctx) {
      try {
        const data: unknown = JSON.parse(input.json);
        await ctx.send(StageResult({ data, success: true, stage }, { replyTo: input }));
      } catch (error) {
        await ctx.send(StageResult({ error: String(error), success: false, stage }, { replyTo: input }));
      }
    }
  },
});

export async function resilient(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  const stage = await runtime.start(resilientStage);

  for (const json of ['{"a":1}', "{a:1}", "[2]"]) {
    const result = await stage.request(Input({ json }), { timeout: 1000 });
    if (result.success) console.log(`${result.stage}: ${JSON.stringify(result.data)}`);
    else console.log(`${result.stage} failed: ${result.error.split(":")[0]}`);
  }
  console.log(`still ${stage.state}`);
}
