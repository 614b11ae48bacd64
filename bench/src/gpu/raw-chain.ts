import type { GpuContext } from "@ringline/webgpu";
import { STEP } from "./kernels.js";

/** The chain of four as one writes it by hand: everything made before, one submit, one readback. */
export function rawChain(
  { device, wait }: GpuContext,
  elements: number,
): (input: Float32Array) => Promise<Float32Array> {
  const bytes = elements * 4;
  const code = `
    @group(0) @binding(0) var<storage, read> values: array<f32>;
    @group(0) @binding(1) var<storage, read_write> out_values: array<f32>;
    @compute @workgroup_size(64) fn work(@builtin(global_invocation_id) id: vec3u) {
      let i = id.x;
      if (i < arrayLength(&values)) { out_values[i] = ${STEP}; }
    }`;
  const module = device.createShaderModule({ code });
  const pipeline = device.createComputePipeline({ layout: "auto", compute: { module, entryPoint: "work" } });
  const data = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const buffers = Array.from({ length: 5 }, () => device.createBuffer({ size: bytes, usage: data }));
  const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
  const staging = device.createBuffer({ size: bytes, usage });
  const groups = [0, 1, 2, 3].map((i) => {
    const entries = [buffers[i], buffers[i + 1]].map((one, binding) => ({
      binding,
      resource: { buffer: one as GPUBuffer },
    }));
    return device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  });
  return async (input) => {
    device.queue.writeBuffer(buffers[0] as GPUBuffer, 0, input as Float32Array<ArrayBuffer>);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    for (const group of groups) {
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(Math.ceil(elements / 64));
    }
    pass.end();
    encoder.copyBufferToBuffer(buffers[4] as GPUBuffer, 0, staging, 0, bytes);
    device.queue.submit([encoder.finish()]);
    await wait(staging.mapAsync(GPUMapMode.READ));
    const output = new Float32Array(staging.getMappedRange()).slice();
    staging.unmap();
    return output;
  };
}
