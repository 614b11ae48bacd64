import type { Manifest } from "@ringline/core";

/** Manifest of this backend: neither threads nor a GPU. */
export function manifest(copy: boolean): Manifest {
  return { name: copy ? "in-process-copy" : "in-process", transport: copy ? "copy" : "reference", capabilities: {} };
}
