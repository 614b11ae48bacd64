import { type Backend, body, createRuntime, defineKernel, defineMessage } from "@ringline/core";
import { hostKernel, MemoryPort } from "@ringline/core/backend";

/** Everything in this place: ports in memory, kernels on this event loop. */
function smallest(): Backend {
  return {
    manifest: { name: "smallest", transport: "reference", capabilities: {} },
    start: async ({ clock }) => ({
      openPort: async (spec) => new MemoryPort(spec, clock),
      spawn: async (unit) => hostKernel(unit),
      dispose: async () => {},
    }),
  };
}

const Ping = defineMessage("Ping", body<{ n: number }>());
export const echo = defineKernel({ id: "echo", input: Ping, output: Ping, handle: ({ n }) => Ping({ n: n + 1 }) });

export async function main(other: Backend): Promise<void> {
  await using runtime = createRuntime({ backends: { mine: smallest(), other } });
  const kernel = await runtime.start(echo);
  console.log((await kernel.request(Ping({ n: 1 }), { timeout: 1000 })).n);
}
