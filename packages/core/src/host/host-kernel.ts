import { isRinglineError } from "../errors/ringline-error.js";
import type { KernelContext } from "../kernels/kernel-context.js";
import type { BatchExecutor, Incarnation, UnitSpec } from "../seam/incarnation.js";
import type { DeviceTelemetry } from "../telemetry/telemetry.js";
import { driveBatches } from "./drive-batches.js";
import { driveHandle } from "./drive-handle.js";
import { HostedContext } from "./hosted-context.js";
import { KernelHost } from "./kernel-host.js";
import type { CopyState } from "./saved-state.js";

/** Extras of a backend for the loop that runs kernels. */
export interface HostOptions {
  /** Properties added to `ctx`. */
  readonly extensions?: object;
  /** Of a kernel that belongs on a device. */
  readonly deviceStats?: () => DeviceTelemetry;
  /** Copies the state of a checkpoint, where the place copies messages: by the same codec. Default: a structured clone. */
  readonly copyState?: CopyState;
}

/** Runs a kernel here, in the place that calls this: the one loop that every backend uses wherever kernels execute. */
export function hostKernel(unit: UnitSpec, options: HostOptions = {}): Incarnation {
  const { extensions, deviceStats, copyState } = options;
  const host = new KernelHost(unit, copyState);
  host.deviceStats = deviceStats;
  const ctx = new HostedContext(host) as unknown as KernelContext<never, never>;
  if (extensions !== undefined) Object.assign(ctx, extensions);
  if (unit.kernel.handle !== undefined) driveHandle(host, ctx);
  else void driveRun(host, ctx);
  return host;
}

/** The same for a kernel whose messages are worked on by a device, many at a time. */
export function hostBatches(unit: UnitSpec, executor: BatchExecutor): Incarnation {
  // an output is sent just before its input settles: nothing has to wait for that
  const { kernel } = unit;
  const host = new KernelHost({
    ...unit,
    kernel: { ...kernel, supervise: { ...kernel.supervise, effects: "immediate" } },
  });
  host.deviceStats = () => executor.stats();
  driveBatches(host, executor);
  return host;
}

/** Drives a `run` body: starts it, and turns its end into the end of the incarnation. */
async function driveRun(host: KernelHost, ctx: KernelContext<never, never>): Promise<void> {
  const run = host.kernel.run as (ctx: KernelContext<never, never>) => Promise<void>;
  await undefined; // a body that throws at once fails after its launch, like any other
  try {
    await run(ctx);
    await host.sending.outbox?.commit();
    host.settleReceived();
    host.end({ kind: host.isEnding ? "stopped" : "returned" });
  } catch (thrown) {
    if (host.isOver) return;
    // the end that the body was asked for, passed on; what it was still working on is not done
    if (host.isEnding && isRinglineError(thrown, "TERMINATED")) {
      host.end({ kind: "stopped" });
    } else {
      host.end({ kind: "failed", error: host.failed(thrown, host.currentMessage) });
    }
  }
}
