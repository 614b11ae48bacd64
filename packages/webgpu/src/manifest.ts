import type { Manifest } from "@ringline/core";

/**
 * Manifest of this backend. Kernels with a `handle` or `run` body run on the event loop, with the device as
 * `ctx.gpu`.
 */
export const manifest: Manifest = {
  name: "webgpu",
  transport: "reference",
  capabilities: { gpu: true, "fused-compute": true },
};
