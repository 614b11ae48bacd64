import type { KernelContext } from "../context/kernel-context.js";
import type { Incarnation, UnitSpec } from "../seam/incarnation.js";
import { driveHandle } from "./drive-handle.js";
import { driveRun } from "./drive-run.js";
import { HostedContext } from "./hosted-context.js";
import { KernelHost } from "./kernel-host.js";

/** Runs a kernel here, in the place that calls this: the one loop that every backend uses wherever kernels execute. */
export function hostKernel(unit: UnitSpec): Incarnation {
  const host = new KernelHost(unit);
  const ctx = new HostedContext(host) as unknown as KernelContext<never, never>;
  if (unit.kernel.handle !== undefined) driveHandle(host, ctx);
  else void driveRun(host, ctx);
  return host;
}
