type Counts<Name extends string> = Readonly<Record<Name, number>>;

/**
 * Ledger of one port, in messages. Invariant while no operation is in progress: accepted = queued + inHand + done +
 * dropped + deadLettered.
 */
export type Ledger = Counts<"accepted" | "queued" | "inHand" | "done" | "dropped" | "deadLettered">;
/** Messages per second: over the sliding window, and since launch. */
export type Throughput = Counts<"recent" | "overall">;
/**
 * Milliseconds, within 1/32 of the value. One message in 64 is measured. `octaves`: the numbers of measured values below
 * 0.0016 ms, below 0.0032 ms and so on, each bound twice the one before, without those below the bound before; the last
 * one is not 0. They only grow.
 */
export type Latency = Counts<"p50" | "p90" | "p99" | "max"> & { readonly octaves: readonly number[] };

/**
 * Work of a kernel on devices since its launch. `dispatches`: of passes in `submits`; `readbacks`: copies to the host;
 * `repeated`: batches repeated because their device was lost; `inFlight`: batches in flight now.
 */
export interface DeviceTelemetry
  extends Counts<
    "batches" | "dispatches" | "submits" | "readbacks" | "bytesUp" | "bytesDown" | "repeated" | "inFlight"
  > {
  /** Name of the adapter; null without one: host bodies then do the work. */
  readonly adapter: string | null;
  /** True for an adapter in software: its timings say nothing about a GPU. */
  readonly isSoftware: boolean;
  /** Number of buffers created on this device by all kernels that share it: none in steady traffic. */
  readonly buffersMade: number;
  /** Bytes of all buffers on this device, in use or kept for reuse, of all kernels that share it. */
  readonly bufferBytes: number;
  readonly pipelinesMade: number;
  /**
   * Estimated milliseconds that passes took on the device, by its own clock. Null if that is not measured; see the
   * option `timings` of `webgpu()`.
   */
  readonly deviceTime: number | null;
  /** Devices lost so far. */
  readonly losses: number;
  /**
   * Counts of a chain that runs as one unit: messages into and out of each stage, and how often a stage could not
   * take all available messages because the ring behind it was full.
   */
  readonly inner?: readonly Counts<"received" | "sent" | "stalls">[];
}

/**
 * Figures of a kernel since its launch. `received`: deliveries; `processed`: done; `sent`: outputs, answers included;
 * `rejected`: by its full input; `requeued`: redelivered after a failure; `errors`: exceptions.
 */
export interface KernelTelemetry
  extends Counts<
    "received" | "processed" | "sent" | "dropped" | "rejected" | "deadLettered" | "requeued" | "errors" | "restarts"
  > {
  readonly kernelId: string;
  /** Time of the figures, in epoch milliseconds. */
  readonly asOf: number;
  readonly ledger: { readonly input: Ledger; readonly output: Ledger };
  /** Throughput of processed messages; zeros when telemetry is off. */
  readonly throughput: Throughput;
  /** Time in the queue; zeros when telemetry is off. */
  readonly wait: Latency;
  /** Time in flight; zeros when telemetry is off. */
  readonly processing: Latency;
  /** Figures of a compute kernel in a place that has devices. */
  readonly device?: DeviceTelemetry;
  /** Figures of the thread on which the kernel runs, if it runs on one. Other kernels may run there as well. */
  readonly thread?: ThreadTelemetry;
}

/** Figures of a thread that runs kernels. */
export interface ThreadTelemetry {
  /** Number of the thread, from 1; the thread that created the runtime is 0. */
  readonly thread: number;
  /** Share of the time, 0 to 1, that its event loop was busy since the last call of telemetry, or since its start. */
  readonly utilization: number;
}

/** Options of telemetry. */
export interface TelemetryOptions {
  /** Milliseconds of the sliding window of recent throughput, more than 0. Default 10,000. */
  readonly window: number;
}

/** Sampling rate: one message in this many is timed; a power of two. */
export const SAMPLE_EVERY = 64;
export const NO_LATENCY: Latency = Object.freeze({ p50: 0, p90: 0, p99: 0, max: 0, octaves: [] });
export const NO_THROUGHPUT: Throughput = Object.freeze({ recent: 0, overall: 0 });
