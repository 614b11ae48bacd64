import type { Manifest } from "@ringline/core";

/** Manifest of this backend: web workers, whose messages are copies. */
export function manifest(threads: number): Manifest {
  return { name: "web-workers", transport: "copy", capabilities: { threads, losable: true } };
}
