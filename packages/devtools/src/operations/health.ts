import type { Runtime } from "@ringline/core";

/** Readiness of a program for work, with the reasons if it is not ready. */
export interface Health {
  /** False while the runtime is about to stop, a kernel has failed for good, or a connection to hosts is lost. */
  readonly isReady: boolean;
  readonly reasons: readonly string[];
}

/** Backends whose connection is lost at the moment, by runtime; known from the first call on. */
const lost = new WeakMap<object, Set<string>>();
/** Runtimes that are about to stop. */
export const stopping = new WeakSet<object>();

/** Checks if a runtime is ready for work. Connections are watched from the first call on. */
export function healthOf(runtime: Runtime): Health {
  const reasons: string[] = [];
  if (stopping.has(runtime)) reasons.push("the program is about to stop");
  for (const { id, state } of runtime.kernels) if (state === "failed") reasons.push(`kernel "${id}" has failed`);
  for (const backend of connectionsOf(runtime)) reasons.push(`backend "${backend}" has lost its connection`);
  return { isReady: reasons.length === 0, reasons };
}

function connectionsOf(runtime: Runtime): ReadonlySet<string> {
  const known = lost.get(runtime);
  if (known !== undefined) return known;
  const backends = new Set<string>();
  lost.set(runtime, backends);
  runtime.on(
    "connection",
    ({ backend, change }) => void (change === "restored" ? backends.delete(backend) : backends.add(backend)),
    { passive: true },
  );
  return backends;
}
