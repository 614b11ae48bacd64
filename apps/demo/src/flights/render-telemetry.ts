import type { KernelTelemetry } from "@ringline/core";
import { count, figure } from "../text/numbers.js";
import { table } from "../text/table.js";

/** One line a stage. Latencies are sampled. */
export function renderTelemetry(stages: ReadonlyMap<string, KernelTelemetry>): string {
  const rows = [...stages].map(([id, { received, processed, deadLettered, throughput, wait, processing }]) => [
    id,
    count(received),
    count(processed),
    count(deadLettered),
    count(throughput.overall),
    `${figure(wait.p99)} ms`,
    `${figure(processing.p99)} ms`,
  ]);
  const head = ["stage", "received", "processed", "dead letters", "msg/s", "wait p99", "processing p99"];
  return `Telemetry\n${table(head, rows)}`;
}
