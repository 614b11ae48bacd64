import { isRinglineError } from "../errors/ringline-error.js";
import type { KernelContext } from "../kernels/kernel-context.js";
import type { KernelHost } from "./kernel-host.js";

/** Drives a `run` body: starts it, and turns its end into the end of the incarnation. */
export async function driveRun(host: KernelHost, ctx: KernelContext<never, never>): Promise<void> {
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
      host.end({ kind: "failed", error: host.failed(thrown, host.inHand) });
    }
  }
}
