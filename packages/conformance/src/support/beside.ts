import type { Backend } from "@ringline/core";
import { hostKernel, MemoryPort } from "@ringline/core/backend";

/** The place of auxiliary kernels, which is not lost with the places under test. */
export const BESIDE = "beside";

/** A backend of the suite's own, in the thread of the runtime. */
export function besideBackend(): Backend {
  return {
    manifest: { name: BESIDE, transport: "reference", capabilities: {} },
    start: async ({ clock }) => ({
      openPort: async (spec) => new MemoryPort(spec, clock),
      spawn: async (unit) => hostKernel(unit),
      async dispose() {},
    }),
  };
}
