/**
 * The part of core that a thread loads: all but the runtime, in two files. The condition `ringline-thread`, with which threads
 * are started, resolves the package to this file.
 */
import { refuseInKernelModule } from "./kernels/load-kernel.js";
import type { createRuntime as CreateRuntime } from "./runtime/create-runtime.js";

export * from "./backend.js";
export * from "./index.js";
export * from "./internal.js";

interface NodeModule {
  createRequire(url: string): (file: string) => { readonly createRuntime: typeof CreateRuntime };
}

/** Creates a runtime in a kernel: takes the place of the one of index.ts, and loads the rest of core then. */
export const createRuntime: typeof CreateRuntime = (options) => {
  refuseInKernelModule();
  const { process } = globalThis as unknown as { process: { getBuiltinModule(name: string): NodeModule } };
  return process
    .getBuiltinModule("module")
    .createRequire(import.meta.url)("./index.js")
    .createRuntime(options);
};
