import type { Backend } from "@ringline/core";
import { hostKernel, MemoryPort } from "@ringline/core/backend";

/** A whole backend from the parts that core offers to backends. */
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
