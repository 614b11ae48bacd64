import { errors } from "../errors/ringline-error.js";
import { definitionOf } from "./define-kernel.js";
import type { KernelDefinition } from "./kernel.js";

/** Shared by every copy of this package in a realm: a module may bring its own. */
const LOADING = Symbol.for("ringline.loading");
const realm = globalThis as { [LOADING]?: Set<string> };

/**
 * Loads a kernel by its module, as places do that do not share the host's memory: the export whose id is `id`.
 * Rejects with `MODULE_MISSING`, and with `RUNTIME_IN_KERNEL_MODULE` when the module creates a runtime.
 */
export async function loadKernel(module: string | undefined, id: string): Promise<KernelDefinition> {
  const missing = (cause?: unknown) =>
    new errors.MODULE_MISSING({ module: module ?? null }, { kernelId: id, ...(cause !== undefined && { cause }) });
  if (module === undefined) throw missing();
  realm[LOADING] ??= new Set();
  realm[LOADING].add(module);
  let exported: Record<string, unknown>;
  try {
    exported = await import(/* @vite-ignore */ /* webpackIgnore: true */ module);
  } catch (error) {
    throw (error as { code?: unknown } | null)?.code === "RUNTIME_IN_KERNEL_MODULE" ? error : missing(error);
  } finally {
    realm[LOADING].delete(module);
  }
  for (const value of Object.values(exported)) {
    const kernel = definitionOf(value);
    if (kernel?.definedAs === id) return kernel;
  }
  throw missing();
}

/** Throws `RUNTIME_IN_KERNEL_MODULE` while a kernel module is being loaded. */
export function refuseInKernelModule(): void {
  const [module] = realm[LOADING] ?? [];
  if (module !== undefined) throw new errors.RUNTIME_IN_KERNEL_MODULE({ module });
}
