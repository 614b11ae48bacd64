import { body, createRuntime, defineKernel, defineMessage } from "@ringline/core";
import { inProcess } from "@ringline/in-process";

const RawData = defineMessage("RawData", body<{ values: number[] }>());
const Mean = defineMessage("Mean", body<{ mean: number }>());

const mean = defineKernel({
  id: "mean",
  input: RawData,
  output: Mean,
  handle: ({ values }) => Mean({ mean: values.reduce((sum, value) => sum + value, 0) / values.length }),
});

const runtime = createRuntime({ backend: inProcess() });
const handle = await runtime.start(mean);
const answer = await handle.request(RawData({ values: [1, 2, 3, 4, 5] }), { timeout: 1000 });
console.log(answer.mean); // 3
await runtime.dispose();
