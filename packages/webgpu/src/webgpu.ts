import { type Backend, isRinglineError } from "@ringline/core";
import { hostKernel, type Incarnation, MemoryPort, type Place, type UnitSpec } from "@ringline/core/backend";
import { hostBatches, stagesOf } from "@ringline/core/internal";
import { DeviceManager } from "./device/device-manager.js";
import type { Session } from "./device/session.js";
import { waitFor } from "./device/wait-for.js";
import type { GpuContext } from "./gpu-context.js";
import { manifest } from "./manifest.js";
import { settingsOf, type WebGpuOptions } from "./options.js";
import { deviceTelemetry, noCounts } from "./units/device-stats.js";
import { openUnit } from "./units/open-unit.js";

/**
 * Backend for GPUs: compute kernels run on a device through WebGPU, all others on the event loop of the thread that
 * creates the runtime, with the device in `ctx.gpu` if they need it. In Node it needs the package `webgpu`. Without an
 * adapter launches fail with `BACKEND_UNAVAILABLE`, unless `fallback` says otherwise. Throws `INVALID_ARGUMENT`.
 *
 * @example
 * await using runtime = createRuntime({ backends: { main: inProcess(), gpu: webgpu() } });
 */
export function webgpu(options: WebGpuOptions = {}): Backend {
  const settings = settingsOf(options);
  return {
    manifest,
    async start({ clock, device = () => {} }): Promise<Place> {
      const keeper = await DeviceManager.find(settings, device);
      return {
        openPort: async (spec) => new MemoryPort(spec, clock),
        spawn: (unit) => spawn(unit, keeper),
        async dispose() {
          keeper?.close();
        },
      };
    },
  };
}

async function spawn(unit: UnitSpec, keeper: DeviceManager | undefined): Promise<Incarnation> {
  const { kernel } = unit;
  if (kernel.compute !== undefined) {
    if (keeper === undefined) return hostKernel(unit, { deviceStats: () => deviceTelemetry(noCounts(), undefined) });
    try {
      return hostBatches(unit, await openUnit(unit, keeper));
    } catch (error) {
      const isOptional = stagesOf(kernel).every(({ plan }) => plan.fallsBack);
      if (!isOptional || !isRinglineError(error, "UNSUPPORTED")) throw error;
      return hostKernel(unit, { deviceStats: () => deviceTelemetry(noCounts(), undefined) });
    }
  }
  if (!kernel.needs.includes("gpu") || keeper === undefined) return hostKernel(unit);
  keeper.isWanted = true;
  await keeper.session();
  return hostKernel(unit, { extensions: { gpu: contextOf(keeper) } });
}

/** Current device, as kernels see it. */
function contextOf(keeper: DeviceManager): GpuContext {
  const session = () => keeper.latest as Session;
  return {
    get device() {
      return session().device;
    },
    get adapter() {
      return session().adapter.name;
    },
    get isSoftware() {
      return session().adapter.isSoftware;
    },
    wait: waitFor,
  };
}
