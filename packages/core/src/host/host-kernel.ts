import { isRinglineError } from "../errors/ringline-error.js";
import type { KernelContext } from "../kernels/kernel-context.js";
import type { BatchExecutor, Incarnation, UnitSpec } from "../seam/incarnation.js";
import type { Inlet } from "../seam/port.js";
import type { DeviceTelemetry } from "../telemetry/telemetry.js";
import { ConcurrentHost } from "./concurrent-host.js";
import { driveBatches } from "./drive-batches.js";
import { driveHandle } from "./drive-handle.js";
import { HostedContext } from "./hosted-context.js";
import { KernelHost } from "./kernel-host.js";
import type { CopyState } from "./saved-state.js";

/** Extras of a backend for the loop that runs kernels. */
export interface HostOptions {
  /** Properties added to `ctx`. */
  readonly extensions?: object;
  /** Telemetry of the device that works for the kernel. */
  readonly deviceStats?: () => DeviceTelemetry;
  /**
   * Copies the state of a checkpoint; a place that copies messages passes its codec.
   *
   * @default a structured clone
   */
  readonly copyState?: CopyState;
}

/** Runs a kernel in the calling thread: the one loop that every backend uses wherever kernels execute. */
export function hostKernel(unit: UnitSpec, options: HostOptions = {}): Incarnation {
  if ((unit.kernel.concurrency ?? 1) === 1) return startHost(unit, options);
  return new ConcurrentHost(unit, (lane, inlet) => startHost(lane, options, inlet));
}

function startHost(unit: UnitSpec, options: HostOptions, inlet?: Inlet): KernelHost {
  const { extensions, deviceStats, copyState } = options;
  const host = new KernelHost(unit, copyState, inlet);
  host.deviceStats = deviceStats;
  const ctx = new HostedContext(host) as unknown as KernelContext<never, never>;
  if (extensions !== undefined) Object.assign(ctx, extensions);
  if (unit.kernel.handle !== undefined) driveHandle(host, ctx);
  else void driveRun(host, ctx);
  return host;
}

/** Runs a kernel whose messages a device processes in batches. */
export function hostBatches(unit: UnitSpec, executor: BatchExecutor): Incarnation {
  // each output is sent just before its input settles, so that no outbox is needed
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
    // the body passes on the requested end; the message that it was processing is not done
    if (host.isEnding && isRinglineError(thrown, "TERMINATED")) {
      host.end({ kind: "stopped" });
    } else {
      host.end({ kind: "failed", error: host.failed(thrown, host.currentMessage) });
    }
  }
}
