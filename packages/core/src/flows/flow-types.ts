import type { Channel } from "../runtime/channel.js";
import type { DeadLetters } from "../runtime/dead-letters.js";
import type { KernelTelemetry, Latency, Throughput } from "../telemetry/telemetry.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { Description } from "../topologies/description.js";

/**
 * Options of `run`. When `timeout` or `signal` ends the wait for the launch of the stages, nothing of the flow is
 * left.
 */
export interface FlowOptions extends WaitOptions {
  /**
   * Most inputs in the flow at once, an integer, at least 1. Default: the sum of the capacities of its queues, and one in
   * hand for each worker.
   */
  readonly maxInFlight?: number | undefined;
}

/**
 * A running topology. An input is in flight from its acceptance until all that came of it is settled: sent on to the
 * output, filtered, dead-lettered. A `send` waits while too many are in flight.
 */
export interface Flow<in In = never, out Out = unknown> extends Channel<In, Out> {
  /** The name of the topology; numbered where several of that name run. Its kernels are `id.stage` or `id.stage_0`, … */
  readonly id: string;
  /**
   * Streams a source through in bounded memory: pulls while there is room, gives the outputs of what it pulled and of
   * what the stages send of their own accord, and ends when the source has ended, a flush has passed and everything is
   * settled; what a stage sends of its own accord after the flush goes to the flow's output. The source may yield promises, as
   * `for await` takes them. Leaving the loop, aborting, and an error of the source stop it: it calls the source's
   * `return()`, pulls nothing any more, and what is still queued has become dead letters (`CANCELLED`) when the loop is over.
   * One at a time: a second one rejects with `FLOW_BUSY`. Rejects with what the source throws, also from `return()`,
   * `ABORTED`, `TERMINATED`, what the first stage refuses an input with, and, once all outputs that are there were read, with
   * `KERNEL_FAILED` when a stage has failed for good: all of its workers, or one whose messages no other takes.
   */
  process(
    source: Iterable<In> | AsyncIterable<In>,
    options?: Pick<WaitOptions, "signal">,
  ): AsyncGenerator<Out, void, void>;
  /**
   * The two ends of one `process`, for `readable.pipeThrough(flow.streams())`: a write waits until the flow
   * accepts it, and rejects if it is refused; a read waits for the next output. They begin with the first write or read. Closing the writable ends it; aborting or cancelling either
   * cancels what is in flight.
   */
  streams(): { readonly writable: WritableStream<In>; readonly readable: ReadableStream<Out> };
  /**
   * Resolves when what was accepted before is settled and a flush has passed. A paused flow settles nothing until it is
   * resumed. Rejects with `TIMEOUT`, `ABORTED`, `TERMINATED`.
   */
  drain(options?: WaitOptions): Promise<void>;
  /** Deactivates all stages: their queues stay. Resolved: nothing more is delivered. */
  pause(): Promise<void>;
  /** Reactivates them. */
  resume(): Promise<void>;
  telemetry(): Promise<FlowTelemetry>;
  /** As the topology describes itself; nodes that are functions run on the "host". */
  describe(): Description;
  /** The dead letters of this flow: of its stages, its other nodes, and its output. */
  readonly deadLetters: DeadLetters;
}

/** The workers of one stage together; latencies are those of the slowest worker. */
export interface StageTelemetry extends KernelTelemetry {
  readonly stage: string;
  readonly workers: number;
}

export interface FlowTelemetry {
  /** Epoch milliseconds at which the figures were true. */
  readonly asOf: number;
  /** Inputs accepted and not settled. */
  readonly inFlight: number;
  /** Of inputs settled. */
  readonly throughput: Throughput;
  /** From the acceptance of an input until it is settled; zeros when telemetry is off. */
  readonly latency: Latency;
  /**
   * The stage that holds the others up: the last one whose queue is at least half as full as the fullest, as those
   * before it fill up too. Null while no more messages wait than there are workers.
   */
  readonly bottleneck: string | null;
  readonly stages: readonly StageTelemetry[];
}
