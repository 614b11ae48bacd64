// A program in CommonJS, with a kernel in CommonJS: in the process and on a thread.
const { createRuntime } = require("@ringline/core");
const { workerThreads } = require("@ringline/worker-threads");
const { N, doubler } = require("./doubler.cjs");

async function main() {
  const runtime = createRuntime({ backend: workerThreads({ threads: 1 }) });
  const kernel = await runtime.start(doubler);
  const { n } = await kernel.request(N({ n: 21 }), { timeout: 20_000 });
  const modern = await import("@ringline/core");
  await runtime.dispose();
  console.log(JSON.stringify({ n, isOneCopy: modern.createRuntime === createRuntime }));
}
main();
