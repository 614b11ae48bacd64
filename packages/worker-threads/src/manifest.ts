import type { Manifest } from "@ringline/core";

/** Manifest of this backend: threads, whose messages are copies. */
export function manifest(threads: number): Manifest {
  return { name: "worker-threads", transport: "copy", capabilities: { threads, losable: true } };
}
