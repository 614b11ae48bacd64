import { createRuntime } from "@ringline/core";
import { backendOf } from "../backends.js";
import { smallData } from "../patterns/kernels.js";

/** The WebGPU adapter that compute kernels run on; null where there is none. */
export async function adapterName(): Promise<string | null> {
  const runtime = createRuntime({ backend: await backendOf("webgpu") });
  try {
    let name: string | null = null;
    runtime.on("device", ({ adapter }) => {
      name = adapter;
    });
    await runtime.start(smallData);
    return name;
  } catch {
    return null;
  } finally {
    await runtime.dispose();
  }
}
