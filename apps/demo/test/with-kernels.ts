import type { Backend } from "@ringline/core";
import { type KernelDefinition, loadKernel } from "@ringline/core/internal";
import { backends } from "../src/backends.js";

/** The default backend, on which each kernel is changed before it is hosted. */
export function withKernels(
  change: (kernel: KernelDefinition) => KernelDefinition | Promise<KernelDefinition>,
): Backend {
  const backend = backends["in-process"]!();
  return {
    ...backend,
    async start(core) {
      const place = await backend.start(core);
      return {
        ...place,
        spawn: async (unit, start) => place.spawn({ ...unit, kernel: await change(unit.kernel) }, start),
      };
    },
  };
}

/** One kernel does something else: a stage that fails, or one that is slow. */
export function replaceBody(
  kernelId: string,
  replace: (kernel: KernelDefinition) => Pick<KernelDefinition, "handle"> | Pick<KernelDefinition, "run">,
): Backend {
  return withKernels((kernel) => (kernel.id === kernelId ? { ...kernel, ...replace(kernel) } : kernel));
}

/** Kernels are found by their module and id alone, as places do that share no memory with the host. */
export function loadedKernels(): Backend {
  return withKernels(async (kernel) => {
    const { handle, run } = await loadKernel(kernel.module, kernel.definedAs);
    return { ...kernel, handle, run };
  });
}
