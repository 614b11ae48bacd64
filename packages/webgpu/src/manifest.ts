import type { Manifest } from "@ringline/core";

/** What kernels find here. Those with a `handle` or `run` body run on the event loop, with the device at hand. */
export const manifest: Manifest = {
  name: "webgpu",
  transport: "reference",
  capabilities: { gpu: true, "fused-compute": true },
};
