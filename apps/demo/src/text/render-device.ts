import type { DeviceTelemetry } from "@ringline/core";
import { count } from "./numbers.js";

/** Describes the work of a device in one line. */
export function renderDevice(device: DeviceTelemetry): string {
  const { adapter, isSoftware, batches, dispatches, submits, readbacks, bytesUp, bytesDown } = device;
  if (adapter === null) return "No device: the host bodies did the work.\n";
  const where = `${adapter}${isSoftware ? " (software)" : ""}`;
  return (
    `${where}: ${count(batches)} batches, ${count(dispatches)} dispatches in ${count(submits)} submits, ` +
    `${count(readbacks)} readbacks, ${count(bytesUp)} bytes up, ${count(bytesDown)} bytes down\n`
  );
}
