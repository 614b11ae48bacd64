import { type Backend, body, createRuntime, defineKernel, defineMessage } from "@ringline/core";

const Sample = defineMessage("Sample", body<{ value: number }>());

export const addOne = defineKernel({
  id: "add_one",
  module: import.meta.url,
  input: Sample,
  output: Sample,
  handle: ({ value }) => Sample({ value: value + 1 }),
});

/** Three linked stages, and what each has done. */
export async function monitoring(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend, telemetry: { window: 5000 } });
  const stage1 = await runtime.start(addOne, { id: "stage1" });
  const stage2 = await runtime.start(addOne, { id: "stage2" });
  const stage3 = await runtime.start(addOne, { id: "stage3" });
  await runtime.connect(stage1, stage2);
  await runtime.connect(stage2, stage3);

  for (let value = 0; value < 1000; value++) await stage1.send(Sample({ value }));
  for (let i = 0; i < 1000; i++) await stage3.receive({ timeout: 1000 });

  for (const [id, { throughput, processed, ledger, wait }] of await runtime.telemetry()) {
    console.log(`${id}:`);
    console.log(`  throughput: ${throughput.recent.toFixed(1)} msg/s`);
    console.log(`  processed: ${processed}`);
    console.log(`  queued: ${ledger.input.queued}, waited ${wait.p99.toFixed(2)} ms at p99`);
  }
}
