import { createRuntime, f32, pipeline, unifiedBuffer } from "@ringline/core";
import { webgpu } from "@ringline/webgpu";
import { ask, Block, gpu, lender, step } from "./src/gpu/kernels.js";
import { rawChain } from "./src/gpu/raw-chain.js";
const runtime = createRuntime({ backend: webgpu() });
await (await runtime.start(lender)).request(ask());
const fused = await runtime.run(pipeline("fused").stage(step("a")).stage(step("b")).stage(step("c")).stage(step("d")));
const elements = Number(process.argv[2] ?? 1024);
const input = Float32Array.from({ length: elements }, (_, i) => i / elements);
const raw = rawChain(gpu, elements);
const N = Number(process.argv[3] ?? 300);
const med = (a: number[]) => a.sort((x, y) => x - y)[a.length >> 1]!.toFixed(4);
for (let round = 0; round < 5; round++) {
  const a: number[] = [], b: number[] = [];
  for (let i = 0; i < N; i++) {
    const t = performance.now();
    await raw(input);
    a.push(performance.now() - t);
    const m = Block({ values: unifiedBuffer(f32, input) });
    const u = performance.now();
    const { values } = await fused.request(m);
    await values.read();
    values.release();
    b.push(performance.now() - u);
  }
  console.log("raw", med(a), "fused", med(b));
}
await runtime.dispose();
