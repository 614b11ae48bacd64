import { type Backend, body, createRuntime, defineKernel, defineMessage, pipeline } from "@ringline/core";

const Image = defineMessage("Image", body<{ n: number }>());

export const load = defineKernel({
  id: "load",
  module: import.meta.url,
  input: Image,
  output: Image,
  queueSize: 16,
  handle: (image) => image,
});

export const resize = defineKernel({
  id: "resize",
  module: import.meta.url,
  input: Image,
  output: Image,
  queueSize: 16,
  async handle(image) {
    await new Promise((done) => setTimeout(done, 1));
    return image;
  },
});

export const store = defineKernel({
  id: "store",
  module: import.meta.url,
  input: Image,
  output: Image,
  queueSize: 16,
  handle: (image) => image,
});

export const images = pipeline("images").stage(load).stage(resize).stage(store);

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend, telemetry: { window: 5000 } });
  runtime.on("error", ({ stage, code }) => console.log(`${stage}: ${code}`));
  await using flow = await runtime.run(images);

  const source = Array.from({ length: 200 }, (_, n) => Image({ n }));
  for await (const { n } of flow.process(source)) {
    if (n === 50) console.log(`while it runs: the bottleneck is ${(await flow.telemetry()).bottleneck}`);
  }

  const { inFlight, bottleneck, throughput, latency, stages } = await flow.telemetry();
  console.log(`at the end: ${inFlight} in flight, the bottleneck is ${bottleneck}`);
  console.log(`${throughput.recent.toFixed(0)} images/s, half of them within ${latency.p50.toFixed(1)} ms`);
  for (const { stage, processed, errors, ledger, wait, processing } of stages) {
    console.log(`${stage}: ${processed} processed, ${errors} errors, ${ledger.input.queued} queued`);
    console.log(`  waited ${wait.p99.toFixed(2)} ms, took ${processing.p99.toFixed(2)} ms (p99)`);
  }
}
