import { isRinglineError } from "@ringline/core";
import type { UnitSpec } from "@ringline/core/backend";
import { type BatchExecutor, stagesOf } from "@ringline/core/internal";
import type { DeviceManager } from "../device/device-manager.js";
import { MapUnit } from "./map-unit.js";
import { ProgramUnit } from "./program-unit.js";

/** Prepares a compute kernel on the device. Shaders are compiled here, so that errors show at launch. */
export async function openUnit({ kernel, restored }: UnitSpec, keeper: DeviceManager): Promise<BatchExecutor> {
  const stages = stagesOf(kernel);
  const isMap = stages[0]?.plan.kind === "map";
  const unit = isMap ? new MapUnit(stages, keeper, restored) : new ProgramUnit(kernel, keeper);
  for (let tries = 1; ; tries++) {
    try {
      await unit.open();
      return unit;
    } catch (error) {
      // the shared device was lost meanwhile: the next one is tried
      const isLost = isRinglineError(error, "DEVICE_LOST");
      if (isLost && keeper.canReopen && tries < keeper.settings.attempts) continue;
      unit.dispose();
      throw error;
    }
  }
}
