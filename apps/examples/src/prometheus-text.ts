import type { KernelTelemetry } from "@ringline/core";

const counters = [
  "received",
  "processed",
  "sent",
  "rejected",
  "dropped",
  "deadLettered",
  "errors",
  "restarts",
] as const;

/** The telemetry of a runtime in the text format of Prometheus. */
export function prometheusText(kernels: ReadonlyMap<string, KernelTelemetry>): string {
  const lines: string[] = [];
  for (const counter of counters) {
    const name = `ringline_${counter.replace(/[A-Z]/g, (deadLetter) => `_${deadLetter.toLowerCase()}`)}_total`;
    lines.push(`# TYPE ${name} counter`);
    for (const [id, telemetry] of kernels) lines.push(`${name}{kernel=${label(id)}} ${telemetry[counter]}`);
  }
  lines.push("# TYPE ringline_queued gauge");
  for (const [id, { ledger }] of kernels) lines.push(`ringline_queued{kernel=${label(id)}} ${ledger.input.queued}`);
  lines.push("# TYPE ringline_processing_seconds gauge");
  for (const [id, { processing }] of kernels) {
    for (const [quantile, ms] of [
      ["0.5", processing.p50],
      ["0.9", processing.p90],
      ["0.99", processing.p99],
    ] as const) {
      lines.push(`ringline_processing_seconds{kernel=${label(id)},quantile="${quantile}"} ${ms / 1000}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

function label(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}
