import type { KernelContext } from "../context/kernel-context.js";
import type { BatchExecutor } from "../seam/batch-executor.js";
import type { Incarnation, UnitSpec } from "../seam/incarnation.js";
import { driveBatches } from "./drive-batches.js";
import { driveHandle } from "./drive-handle.js";
import { driveRun } from "./drive-run.js";
import { HostedContext } from "./hosted-context.js";
import { KernelHost } from "./kernel-host.js";

/**
 * Runs a kernel here, in the place that calls this: the one loop that every backend uses wherever kernels execute.
 * `extensions`: what the backend adds to `ctx`.
 */
export function hostKernel(unit: UnitSpec, extensions?: object): Incarnation {
  const host = new KernelHost(unit);
  const ctx = new HostedContext(host) as unknown as KernelContext<never, never>;
  if (extensions !== undefined) Object.assign(ctx, extensions);
  if (unit.kernel.handle !== undefined) driveHandle(host, ctx);
  else void driveRun(host, ctx);
  return host;
}

/** The same for a kernel whose messages are worked on by a device, many at a time. */
export function hostBatches(unit: UnitSpec, executor: BatchExecutor): Incarnation {
  const host = new KernelHost(unit);
  driveBatches(host, executor);
  return host;
}
