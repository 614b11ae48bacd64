import type { DeviceTelemetry } from "@ringline/core";
import type { DeviceManager } from "../device/device-manager.js";

/** Counts that a kernel keeps itself. */
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
  /** Milliseconds that passes took, where they are timed. */
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

/** The counts of a kernel with what is known of its device; without a keeper there is none. */
export function deviceTelemetry(counts: DeviceCounts, keeper: DeviceManager | undefined): DeviceTelemetry {
  const session = keeper?.latest;
  return {
    ...counts,
    deviceTime: session?.timers === undefined ? null : counts.deviceTime,
    adapter: session?.adapter.name ?? null,
    isSoftware: session?.adapter.isSoftware ?? false,
    buffersMade: session?.pool.made ?? 0,
    pipelinesMade: session?.pipelinesMade ?? 0,
    losses: keeper?.losses ?? 0,
  };
}
