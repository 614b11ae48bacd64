import { type AnyKernel, type BackendExtensions, defineKernel } from "@ringline/core";
import { Result, Task } from "./messages.js";

const module = import.meta.url;

/** A sink that needs a capability. Made at run time, as it is for launches that are rejected. */
export function needing(capability: string): AnyKernel {
  return defineKernel({ id: `needing ${capability}`, input: Task, needs: [extension(capability)], handle() {} });
}

/** Kernels for backends that have the capability; places can load them from this module. */
export const needsThreads = defineKernel({
  id: "needsThreads",
  module,
  input: Task,
  output: Result,
  needs: [extension("threads")],
  handle: ({ n }, { kernelId }) => Result({ n, by: kernelId, index: 0 }),
});

export const needsGpu = defineKernel({
  id: "needsGpu",
  module,
  input: Task,
  output: Result,
  needs: [extension("gpu")],
  handle: ({ n }, { kernelId }) => Result({ n, by: kernelId, index: 0 }),
});

/** Backends name what they add by augmenting core's types, which the suite does not know. */
function extension(name: string): keyof BackendExtensions {
  return name as keyof BackendExtensions;
}
