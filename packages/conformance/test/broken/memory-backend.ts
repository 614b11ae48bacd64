import type { Backend } from "@ringline/core";
import { hostKernel, MemoryPort } from "@ringline/core/backend";

/** A whole backend from the parts that core offers to backends: the one that the broken ones spoil. */
export function memoryBackend(): Backend {
  return {
    manifest: { name: "memory", transport: "reference", capabilities: {} },
    start: async ({ clock }) => ({
      openPort: async (spec) => new MemoryPort(spec, clock),
      spawn: async (unit) => hostKernel(unit),
      async dispose() {},
    }),
  };
}
