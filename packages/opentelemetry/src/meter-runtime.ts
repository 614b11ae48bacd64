import { type Attributes, type BatchObservableResult, type Meter, metrics, type Observable } from "@opentelemetry/api";
import type { KernelTelemetry } from "@ringline/core";

/** Options of the metrics of a runtime. */
export interface MeterOptions {
  /**
   * Meter that makes the instruments.
   *
   * @default the meter "@ringline/opentelemetry" of the global provider
   */
  readonly meter?: Meter | undefined;
  /** Attributes of every figure, such as the name of the runtime. */
  readonly attributes?: Attributes | undefined;
}

/** A source of telemetry: a runtime. */
interface TelemetrySource {
  telemetry(): Promise<ReadonlyMap<string, KernelTelemetry>>;
}

type Figure = readonly [name: string, unit: string, description: string, of: (kernel: KernelTelemetry) => number];

const COUNTERS: readonly Figure[] = [
  ["ringline.messages.received", "{message}", "Deliveries", ({ received }) => received],
  ["ringline.messages.processed", "{message}", "Messages done", ({ processed }) => processed],
  ["ringline.messages.sent", "{message}", "Outputs, answers included", ({ sent }) => sent],
  ["ringline.messages.dropped", "{message}", "Dropped for newer ones", ({ dropped }) => dropped],
  ["ringline.messages.rejected", "{message}", "Refused by a full input", ({ rejected }) => rejected],
  ["ringline.messages.dead_lettered", "{message}", "Dead letters", ({ deadLettered }) => deadLettered],
  ["ringline.messages.requeued", "{message}", "Delivered again after a failure", ({ requeued }) => requeued],
  ["ringline.errors", "{error}", "Errors thrown", ({ errors }) => errors],
  ["ringline.kernel.restarts", "{restart}", "New incarnations after a failure", ({ restarts }) => restarts],
];

const GAUGES: readonly Figure[] = [
  ["ringline.queue.size", "{message}", "Messages that wait in the input", ({ ledger }) => ledger.input.queued],
  ["ringline.in_hand", "{message}", "Messages that are worked on", ({ ledger }) => ledger.input.inHand],
  ["ringline.throughput", "{message}/s", "Messages done a second, lately", ({ throughput }) => throughput.recent],
];

const LATENCIES = [
  ["ringline.wait", "Time in the queue", (kernel: KernelTelemetry) => kernel.wait],
  ["ringline.processing", "Time in hand", (kernel: KernelTelemetry) => kernel.processing],
] as const;

/**
 * Offers the telemetry of a runtime as metrics, read when they are collected: counters of messages, gauges of queues, and
 * quantiles of latencies in milliseconds, each with `ringline.kernel`. Returns what ends it.
 */
export function meterRuntime(runtime: TelemetrySource, { meter, attributes = {} }: MeterOptions = {}): () => void {
  const from = meter ?? metrics.getMeter("@ringline/opentelemetry");
  const counters = COUNTERS.map(
    ([name, unit, description, of]) => [from.createObservableCounter(name, { unit, description }), of] as const,
  );
  const gauges = GAUGES.map(
    ([name, unit, description, of]) => [from.createObservableGauge(name, { unit, description }), of] as const,
  );
  const latencies = LATENCIES.map(
    ([name, description, of]) => [from.createObservableGauge(name, { unit: "ms", description }), of] as const,
  );
  const observe = async (result: BatchObservableResult) => {
    for (const [id, kernel] of await runtime.telemetry()) {
      const own = { ...attributes, "ringline.kernel": id };
      for (const [instrument, of] of [...counters, ...gauges]) result.observe(instrument, of(kernel), own);
      for (const [instrument, of] of latencies) {
        const { p50, p90, p99 } = of(kernel);
        for (const [quantile, value] of Object.entries({ "0.5": p50, "0.9": p90, "0.99": p99 })) {
          result.observe(instrument, value, { ...own, quantile });
        }
      }
    }
  };
  const instruments: Observable[] = [...counters, ...gauges, ...latencies].map(([instrument]) => instrument);
  from.addBatchObservableCallback(observe, instruments);
  return () => from.removeBatchObservableCallback(observe, instruments);
}
