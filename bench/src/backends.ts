import type { Backend } from "@ringline/core";

export const BACKENDS = ["in-process", "worker-threads", "webgpu"] as const;
export type BackendName = (typeof BACKENDS)[number];

/** A backend with its defaults. Loaded late: one that does not load is a subject less, not the end. */
export async function backendOf(name: BackendName, options: { readonly threads?: number } = {}): Promise<Backend> {
  if (name === "in-process") return (await import("@ringline/in-process")).inProcess();
  if (name === "webgpu") return (await import("@ringline/webgpu")).webgpu();
  return (await import("@ringline/worker-threads")).workerThreads(options);
}
