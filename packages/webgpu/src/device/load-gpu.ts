import { errors } from "@ringline/core";
import { nodePlatform } from "./platform.js";

let loading: Promise<GPU> | undefined;

/**
 * Entry point of WebGPU: the browser's own, or in Node that of the package `webgpu`. Rejects with
 * `BACKEND_UNAVAILABLE`.
 */
export function loadGpu(): Promise<GPU> {
  const own = typeof navigator === "object" ? (navigator as Partial<Navigator>).gpu : undefined;
  if (own !== undefined) return Promise.resolve(own);
  if (nodePlatform === undefined)
    return Promise.reject(unavailable("This browser has no WebGPU here: use a secure page (https or localhost)."));
  loading ??= loadDawn();
  return loading;
}

async function loadDawn(): Promise<GPU> {
  try {
    const { create, globals } = await import("webgpu");
    Object.assign(globalThis, globals); // GPUBufferUsage and other globals of browsers
    return create([]);
  } catch (cause) {
    loading = undefined;
    throw unavailable("Install the package `webgpu`: npm install webgpu", cause);
  }
}

/** Advice for a machine without an adapter. */
export function adapterAdvice(): string {
  if (nodePlatform === undefined)
    return "The browser gave no adapter: look at chrome://gpu, or at the settings of your browser for WebGPU.";
  switch (nodePlatform) {
    case "linux":
      return (
        "Install a Vulkan driver for your GPU (Mesa 23 or newer: mesa-vulkan-drivers, or your vendor's) and libvulkan1. " +
        "Without a GPU a software driver will do: SwiftShader from the package @sparticuz/chromium, with LD_LIBRARY_PATH " +
        'and VK_DRIVER_FILES set to it; or webgpu({ fallback: "host" }) for the host bodies.'
      );
    case "darwin":
      return 'Metal comes with macOS: this machine has no GPU that WebGPU can use. webgpu({ fallback: "host" }) does without.';
    default:
      return 'Install the driver of your GPU, with Direct3D 12. webgpu({ fallback: "host" }) does without one.';
  }
}

export function unavailable(remedy: string, cause?: unknown) {
  return new errors.BACKEND_UNAVAILABLE({ backend: "webgpu" }, { remedy, ...(cause !== undefined && { cause }) });
}
