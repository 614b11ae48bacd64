// @ts-nocheck: the globals of Jest are there when Jest runs it
const { body, createRuntime, defineKernel, defineMessage } = require("@ringline/core");
const { inProcess } = require("@ringline/in-process");

const { test, expect } = globalThis;

test("a kernel answers", async () => {
  const Value = defineMessage("Value", body());
  const double = defineKernel({ id: "double", input: Value, output: Value, handle: ({ n }) => Value({ n: 2 * n }) });
  const runtime = createRuntime({ backend: inProcess() });
  const handle = await runtime.start(double);
  expect((await handle.request(Value({ n: 2 }), { timeout: 10_000 })).n).toBe(4);
  await runtime.dispose();
});
