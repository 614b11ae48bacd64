// Ledger, Throughput and Latency are types rather than interfaces, so that programs can pass them as records of numbers.

/**
 * Ledger of one port, in messages. Invariant while no operation is in progress: accepted = queued + inHand + done +
 * dropped + deadLettered.
 */
export type Ledger = {
  /** Messages accepted so far. */
  readonly accepted: number;
  /** Messages that wait in the queue. */
  readonly queued: number;
  /** Messages that were delivered and are not settled. */
  readonly inHand: number;
  /** Messages that were processed; for an output: read. */
  readonly done: number;
  /** Messages dropped by "drop-oldest". */
  readonly dropped: number;
  /** Messages that became dead letters. */
  readonly deadLettered: number;
};

/** Messages per second. */
export type Throughput = {
  /** Messages per second over the sliding window. */
  readonly recent: number;
  /** Messages per second since launch. */
  readonly overall: number;
};

/** Latencies in milliseconds, within 1/32 of the value. One message in 64 is measured. */
export type Latency = {
  /** Median, in milliseconds. */
  readonly p50: number;
  /** 90th percentile, in milliseconds. */
  readonly p90: number;
  /** 99th percentile, in milliseconds. */
  readonly p99: number;
  /** Highest measured value, in milliseconds. */
  readonly max: number;
  /**
   * Numbers of measured values below 0.0016 ms, below 0.0032 ms and so on, each bound twice the one before, without those
   * below the bound before; the last one is not 0. They only grow.
   */
  readonly octaves: readonly number[];
};

/** Work of a kernel on devices since its launch. */
export interface DeviceTelemetry {
  /** Name of the adapter; null without one: host bodies then do the work. */
  readonly adapter: string | null;
  /** True for an adapter in software: its timings say nothing about a GPU. */
  readonly isSoftware: boolean;
  /** Batches done. */
  readonly batches: number;
  /** Batches repeated because their device was lost. */
  readonly repeated: number;
  /** Batches in flight now. */
  readonly inFlight: number;
  /** Submits to the device. */
  readonly submits: number;
  /** Dispatches of passes in these submits. */
  readonly dispatches: number;
  /** Copies from the device to the host. */
  readonly readbacks: number;
  /** Bytes written to the device. */
  readonly bytesUp: number;
  /** Bytes read back from the device. */
  readonly bytesDown: number;
  /** Number of buffers created on this device by all kernels that share it: none in steady traffic. */
  readonly buffersMade: number;
  /** Bytes of all buffers on this device, in use or kept for reuse, of all kernels that share it. */
  readonly bufferBytes: number;
  /** Number of pipelines created on this device by all kernels that share it. */
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
  readonly inner?: readonly { readonly received: number; readonly sent: number; readonly stalls: number }[];
}

/** Figures of a kernel since its launch, over all its incarnations. */
export interface KernelTelemetry {
  /** Id of the kernel. */
  readonly kernelId: string;
  /** Time of the figures, in epoch milliseconds. */
  readonly asOf: number;
  /** Deliveries to the kernel, redeliveries included. */
  readonly received: number;
  /** Messages done. */
  readonly processed: number;
  /** Outputs, answers included. */
  readonly sent: number;
  /** Messages that a full input dropped to make room. */
  readonly dropped: number;
  /** Messages that a full input rejected. */
  readonly rejected: number;
  /** Messages that became dead letters. */
  readonly deadLettered: number;
  /** Messages redelivered after a failure. */
  readonly requeued: number;
  /** Exceptions of the body. */
  readonly errors: number;
  /** Incarnations after the first. */
  readonly restarts: number;
  /** The exact accounts of the input and the output. */
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
  /**
   * Share of the time, 0 to 1, that its event loop was busy since the last call of telemetry, or since its start.
   * Missing where the platform does not measure it: in browsers.
   */
  readonly utilization?: number;
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
