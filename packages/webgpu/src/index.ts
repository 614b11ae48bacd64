export type { AdapterFacts } from "./device/adapter-facts.js";
export type { GpuContext } from "./gpu-context.js";
export type { WebGpuOptions } from "./options.js";
export { webgpu } from "./webgpu.js";
