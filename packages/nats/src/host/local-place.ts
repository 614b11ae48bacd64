import { errors } from "@ringline/core";
import { type Backend, hostKernel, type Place } from "@ringline/core/backend";
import { systemClock } from "@ringline/core/internal";
import { copyValue } from "@ringline/remote";

/** The place that runs the kernels of a host. Their ports are at the runtime, so it has none. */
export type LocalPlace = Pick<Place, "spawn" | "dispose">;

/** Backends of a host: its event loop; or compute kernels on a device, and the others on the event loop. */
export type LocalBackend = "in-process" | "webgpu";

const onTheLoop: LocalPlace = { spawn: async (unit) => hostKernel(unit, { copyState: copyValue }), async dispose() {} };

/** `tell`: says what became of a device. Rejects with `BACKEND_UNAVAILABLE`. */
export async function startPlace(backend: LocalBackend, tell: (text: string) => void): Promise<LocalPlace> {
  if (backend === "in-process") return onTheLoop;
  const { webgpu } = await loadWebGpu();
  return webgpu().start({
    clock: systemClock,
    lateReply() {}, // what runs here tells of late answers by itself
    device: ({ change, adapter, reason }) =>
      tell(`device ${adapter}: ${change}${reason === null ? "" : `, ${reason}`}`),
  });
}

/** Loaded where it is asked for only: hosts without it need neither the package nor a device. */
async function loadWebGpu(): Promise<{ webgpu(): Backend }> {
  const name = "@ringline/webgpu";
  try {
    return await import(name);
  } catch (cause) {
    const remedy = "Install it beside @ringline/nats: npm install @ringline/webgpu webgpu";
    throw new errors.BACKEND_UNAVAILABLE({ backend: "webgpu" }, { cause, remedy });
  }
}
