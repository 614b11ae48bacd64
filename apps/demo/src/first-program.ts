import { body, createRuntime, defineKernel, defineMessage, pipeline } from "@ringline/core";
import { inProcess } from "@ringline/in-process";

const Samples = defineMessage("Samples", body<{ values: number[] }>());
const Mean = defineMessage("Mean", body<{ mean: number }>());

const clean = defineKernel({
  id: "clean",
  input: Samples,
  output: Samples,
  handle: ({ values }) => Samples({ values: values.filter(Number.isFinite) }),
});
const mean = defineKernel({
  id: "mean",
  input: Samples,
  output: Mean,
  handle: ({ values }) => Mean({ mean: values.reduce((sum, value) => sum + value, 0) / values.length }),
});

const runtime = createRuntime({ backend: inProcess() });
const flow = await runtime.run(pipeline("stats").stage(clean, { workers: 2 }).stage(mean));
const source = [Samples({ values: [1, 2, Number.NaN, 3, 4, 5] })];
for await (const answer of flow.process(source)) console.log(answer.mean); // 3
await runtime.dispose();
