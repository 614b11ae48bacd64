// What a CommonJS program does with the installed packages.
const { body, createRuntime, defineKernel, defineMessage } = require("@ringline/core");
const { inProcess } = require("@ringline/in-process");

const Step = defineMessage("Step", /** @type {typeof body<{ n: number }>} */ (body)());
const next = defineKernel({ id: "next", input: Step, output: Step, handle: ({ n }) => Step({ n: n + 1 }) });

async function main() {
  const runtime = createRuntime({ backend: inProcess() });
  const handle = await runtime.start(next);
  const answer = await handle.request(Step({ n: 2 }), { timeout: 10_000 });
  console.log(answer.n);
  await runtime.dispose();
}

for (const name of [
  "core/backend",
  "core/internal",
  "core/testing",
  "core/node",
  "worker-threads",
  "webgpu",
  "webgpu/kernels",
  "conformance",
]) {
  require(`@ringline/${name}`);
}
void main();
