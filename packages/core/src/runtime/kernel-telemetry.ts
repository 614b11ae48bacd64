import type { Port } from "../seam/port.js";
import type { KernelTelemetry } from "../telemetry/telemetry.js";
import type { Incarnations } from "./incarnations.js";

/** Combines the counts of a kernel's ports and incarnations. */
export async function telemetryOf(
  kernelId: string,
  inputPort: Port,
  outputPort: Port,
  incarnations: Pick<Incarnations, "stats" | "restarts">,
): Promise<KernelTelemetry> {
  const [input, output, { sent, errors, processing, device, thread }] = await Promise.all([
    inputPort.stats(),
    outputPort.stats(),
    incarnations.stats(),
  ]);
  return {
    kernelId,
    asOf: Date.now(),
    received: input.received,
    processed: input.ledger.done,
    sent,
    dropped: input.ledger.dropped,
    rejected: input.rejected,
    deadLettered: input.ledger.deadLettered,
    requeued: input.requeued,
    errors,
    restarts: incarnations.restarts,
    ledger: { input: input.ledger, output: output.ledger },
    throughput: input.throughput,
    wait: input.wait,
    processing,
    ...(device !== undefined && { device }),
    ...(thread !== undefined && { thread }),
  };
}
