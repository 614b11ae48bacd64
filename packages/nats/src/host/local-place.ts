import { errors } from "@ringline/core";
import { type Backend, hostKernel, type Place } from "@ringline/core/backend";
import { systemClock } from "@ringline/core/internal";
import { copyValue } from "@ringline/remote";

/** Place that runs the kernels of a host; it has no ports, as these are at the runtime. */
export type LocalPlace = Pick<Place, "spawn" | "dispose">;

/** Backends of a host: its event loop; or compute kernels on a device, and the others on the event loop. */
export type LocalBackend = "in-process" | "webgpu";

const onTheLoop: LocalPlace = { spawn: async (unit) => hostKernel(unit, { copyState: copyValue }), async dispose() {} };

/** Starts the place. `tell`: reports changes of a device. Rejects with `BACKEND_UNAVAILABLE`. */
export async function startPlace(backend: LocalBackend, tell: (text: string) => void): Promise<LocalPlace> {
  if (backend === "in-process") return onTheLoop;
  const { webgpu } = await loadWebGpu();
  return webgpu().start({
    clock: systemClock,
    lateReply() {}, // kernels here report late answers themselves
    device: ({ change, adapter, reason }) =>
      tell(`device ${adapter}: ${change}${reason === null ? "" : `, ${reason}`}`),
  });
}

/** Loads the package on demand: other hosts need neither the package nor a device. */
async function loadWebGpu(): Promise<{ webgpu(): Backend }> {
  const name = "@ringline/webgpu";
  try {
    return await import(name);
  } catch (cause) {
    const remedy = "Install it beside @ringline/nats: npm install @ringline/webgpu webgpu";
    throw new errors.BACKEND_UNAVAILABLE({ backend: "webgpu" }, { cause, remedy });
  }
}
