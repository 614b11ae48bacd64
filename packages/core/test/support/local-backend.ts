import { type Backend, hostKernel, type Manifest, MemoryPort } from "../../src/backend.js";

/** The smallest backend there can be: ports in memory, kernels on this event loop. */
export function local(manifest: Partial<Manifest> = {}): Backend {
  return {
    manifest: { name: "local", transport: "reference", capabilities: {}, ...manifest },
    async start({ clock }) {
      return {
        openPort: async (spec) => new MemoryPort(spec, clock),
        spawn: async (unit) => hostKernel(unit),
        async dispose() {},
      };
    },
  };
}
