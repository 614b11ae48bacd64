import { errors } from "../errors/ringline-error.js";
import { isTopology, planOf } from "../topologies/plan.js";
import { definitionOf } from "./define-kernel.js";
import type { KernelDefinition, StageRef } from "./kernel.js";
import { hasFunction } from "./on-error.js";

const LOADER =
  'Node loads TypeScript from 22.18 on. Before, start it with a loader (`node --import tsx`), or give its threads one: `workerThreads({ execArgv: ["--import", "tsx"] })`.';
/** Key shared by every copy of this package in a realm, as a module may bring its own copy. */
const LOADING = Symbol.for("ringline.loading");
const realm = globalThis as { [LOADING]?: Set<string> };

/**
 * Loads a kernel from its module, for places that do not share the host's memory: the export whose id is `id`.
 * `onError` replaces the kernel's own; a `StageRef` is resolved to its function. `known`: exports that were loaded
 * before, instead of those of the modules. Rejects with `MODULE_MISSING`, and with `RUNTIME_IN_KERNEL_MODULE` if a
 * module creates a runtime.
 */
export async function loadKernel(
  module: string | undefined,
  id: string,
  onError?: unknown,
  known?: readonly unknown[],
): Promise<KernelDefinition> {
  if (module === undefined) throw new errors.MODULE_MISSING({ module: null }, { kernelId: id });
  const kernel = (known ?? (await exportsOf(module, id))).map(definitionOf).find((one) => one?.definedAs === id);
  if (kernel === undefined) throw new errors.MODULE_MISSING({ module }, { kernelId: id });
  if (onError === undefined) return kernel;
  const decides = isStageRef(onError) ? await loadOnError(onError, id, known) : onError;
  if (decides === undefined) throw noFunction(onError as StageRef, id);
  return { ...kernel, onError: decides as KernelDefinition["onError"] };
}

export function isStageRef(onError: unknown): onError is StageRef {
  return typeof (onError as StageRef | null | undefined)?.topology === "string";
}

/**
 * Loads the `onError` function of a stage of an exported topology; undefined if there is none. Rejects as `loadKernel`
 * does.
 */
export async function loadOnError(
  { module, topology, stage }: StageRef,
  kernelId: string,
  known?: readonly unknown[],
): Promise<unknown> {
  for (const value of known ?? (await exportsOf(module, kernelId))) {
    const plan = isTopology(value) ? planOf(value) : undefined;
    const node = plan?.name === topology ? plan.nodes.find(({ name }) => name === stage) : undefined;
    if (node?.kind === "kernel" && hasFunction(node.onError)) return node.onError;
  }
  return undefined;
}

function noFunction({ module, topology, stage }: StageRef, kernelId: string) {
  const cause = new Error(`it exports no topology "${topology}" whose stage "${stage}" has a function as onError`);
  const remedy = `Export topology "${topology}" from the module that it names.`;
  return new errors.MODULE_MISSING({ module }, { kernelId, cause, remedy });
}

async function exportsOf(module: string, kernelId: string): Promise<readonly unknown[]> {
  realm[LOADING] ??= new Set();
  realm[LOADING].add(module);
  try {
    return Object.values(await import(/* @vite-ignore */ /* webpackIgnore: true */ module));
  } catch (cause) {
    const { code } = (cause ?? {}) as { code?: unknown };
    if (code === "RUNTIME_IN_KERNEL_MODULE") throw cause;
    const remedy = code === "ERR_UNKNOWN_FILE_EXTENSION" ? LOADER : undefined;
    throw new errors.MODULE_MISSING({ module }, { kernelId, cause, ...(remedy !== undefined && { remedy }) });
  } finally {
    realm[LOADING].delete(module);
  }
}

/** Throws `RUNTIME_IN_KERNEL_MODULE` while a kernel module is loading. */
export function refuseInKernelModule(): void {
  const [module] = realm[LOADING] ?? [];
  if (module !== undefined) throw new errors.RUNTIME_IN_KERNEL_MODULE({ module });
}
