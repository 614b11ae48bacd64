import type { DeviceTelemetry } from "@ringline/core";
import type { DeviceManager } from "../device/device-manager.js";

/** Counts that the kernel itself updates. */
export type DeviceCounts = {
  -readonly [Name in
    | "batches"
    | "dispatches"
    | "submits"
    | "readbacks"
    | "bytesUp"
    | "bytesDown"
    | "repeated"
    | "inFlight"]: DeviceTelemetry[Name];
} & {
  /** Milliseconds of passes, if they are timed. */
  deviceTime: number;
};

export const noCounts = (): DeviceCounts => ({
  batches: 0,
  dispatches: 0,
  submits: 0,
  readbacks: 0,
  bytesUp: 0,
  bytesDown: 0,
  repeated: 0,
  inFlight: 0,
  deviceTime: 0,
});

/** Counts of a kernel with facts about its device; `keeper` is undefined without a device. */
export function deviceTelemetry(counts: DeviceCounts, keeper: DeviceManager | undefined): DeviceTelemetry {
  const session = keeper?.latest;
  return {
    ...counts,
    deviceTime: session?.timers === undefined ? null : counts.deviceTime,
    adapter: session?.adapter.name ?? null,
    isSoftware: session?.adapter.isSoftware ?? false,
    buffersMade: session?.pool.made ?? 0,
    bufferBytes: session?.pool.bytes ?? 0,
    pipelinesMade: session?.pipelinesMade ?? 0,
    losses: keeper?.losses ?? 0,
  };
}
