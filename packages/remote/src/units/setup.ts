import { body, defineMessage, errors } from "@ringline/core";
import type { UnitSpec } from "@ringline/core/backend";
import { type AnyMessage, hasFunction, type KernelDefinition } from "@ringline/core/internal";

/** Data for a kernel that is to run in a place. */
export type UnitSetup = Pick<KernelDefinition, "id" | "definedAs" | "module" | "supervise"> &
  Pick<UnitSpec, "peers" | "restored" | "telemetry" | "assignment" | "isActive"> & {
    /** In place of the kernel's own; for a function, its location, from which `loadKernel` loads it. */
    readonly onError?: unknown;
  };

export function setupOf({ kernel, peers, restored, telemetry, assignment, isActive }: UnitSpec): UnitSetup {
  const { id, definedAs, module, supervise, onError, onErrorAt } = kernel;
  // a function is not sent: the place loads it from the module of the kernel or topology
  const told = { onError: hasFunction(onError) ? onErrorAt : onError };
  return { id, definedAs, module, supervise, peers, restored, telemetry, assignment, isActive, ...told };
}

/** `loaded`: what the kernel's module exports, with the `onError` of the set-up. */
export function kernelOf(loaded: KernelDefinition, { id, supervise }: UnitSetup): KernelDefinition {
  return { ...loaded, id, supervise };
}

/**
 * Converts a value of message shape to a message for the peer `name`. The runtime checks whether the peer takes its
 * type.
 */
export function adopt(kernel: KernelDefinition, name: string, value: unknown): AnyMessage {
  const { type } = (value ?? {}) as { type?: unknown };
  const known = (kernel.peers[name] as Partial<KernelDefinition> | undefined)?.input;
  const own = known?.find((one) => one.type === type);
  if (own !== undefined) return own.parse(value) as never;
  if (typeof type === "string" && type !== "") return defineMessage(type, body<object>()).parse(value) as never;
  const got = value === null ? "null" : typeof value;
  throw new errors.TYPE_MISMATCH({ wanted: known?.map((one) => one.type) ?? [], got }, { kernelId: name });
}
