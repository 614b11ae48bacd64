import { type Backend, body, createRuntime, defineKernel, defineMessage, pipeline } from "@ringline/core";

const RawData = defineMessage("RawData", body<{ values: number[] }>());
const Preprocessed = defineMessage("Preprocessed", body<{ normalized: number[] }>());
const ComputeResult = defineMessage("ComputeResult", body<{ result: number }>());

export const preprocess = defineKernel({
  id: "preprocess",
  module: import.meta.url,
  input: RawData,
  output: Preprocessed,
  handle({ values }) {
    const min = Math.min(...values);
    const range = Math.max(...values) - min;
    return Preprocessed({ normalized: values.map((value) => (range === 0 ? 0 : (value - min) / range)) });
  },
});

export const compute = defineKernel({
  id: "compute",
  module: import.meta.url,
  input: Preprocessed,
  output: ComputeResult,
  handle({ normalized }) {
    return ComputeResult({ result: normalized.reduce((sum, value) => sum + value, 0) / normalized.length });
  },
});

export const stats = pipeline("stats").stage(preprocess).stage(compute);

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  await using flow = await runtime.run(stats);

  const answer = await flow.request(RawData({ values: [1, 2, 3, 4, 5] }), { timeout: 1000 });
  console.log(`one answer: ${answer.result}`);

  const rows = [RawData({ values: [0, 5, 10] }), RawData({ values: [0, 9, 9] }), RawData({ values: [7] })];
  for await (const { result } of flow.process(rows)) console.log(`streamed: ${result.toFixed(2)}`);
}
