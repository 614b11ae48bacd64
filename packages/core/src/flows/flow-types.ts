import type { AnyKernel } from "../kernels/kernel.js";
import type { Channel } from "../runtime/channel.js";
import type { DeadLetters } from "../runtime/dead-letters.js";
import type { ChangeOptions, MoveOptions, SwapOptions, TuneStageOptions } from "../runtime/move-options.js";
import type { KernelTelemetry, Latency, Throughput } from "../telemetry/telemetry.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { Description } from "../topologies/describe-plan.js";

declare global {
  // empty where neither the DOM nor Node declares them, so that declarations compile there too; else they merge
  // biome-ignore lint/suspicious/noExplicitAny: as the DOM declares it
  interface WritableStream<W = any> {}
  // biome-ignore lint/suspicious/noExplicitAny: as the DOM declares it
  interface ReadableStream<R = any> {}
}

/**
 * Options of `run`. When `timeout` or `signal` ends the wait for the launch of the stages, nothing of the flow is
 * left.
 */
export interface FlowOptions extends WaitOptions {
  /**
   * Maximum inputs in flight, an integer, at least 1.
   *
   * @default the sum of the capacities of its queues, and one for each worker
   */
  readonly maxInFlight?: number | undefined;
}

/**
 * A running topology. An input is in flight from its acceptance until everything that it caused is settled: sent to
 * the output, filtered, dead-lettered. `send` waits while too many are in flight.
 */
export interface Flow<in In = never, out Out = unknown> extends Channel<In, Out> {
  /**
   * Id of the flow: the name of the topology; numbered if several of that name run. Its kernels are `id.stage` or
   * `id.stage_0`, …
   */
  readonly id: string;
  /**
   * Receives the next output. Rejects as `receive` of a kernel does, and with `KERNEL_FAILED` when a stage has failed
   * for good, nothing is in flight and all outputs were read.
   *
   * @example
   * const result = await flow.receive({ timeout: 1000 });
   */
  receive(options?: WaitOptions): Promise<Out>;
  /**
   * Streams a source through the flow in bounded memory: pulls while there is room, yields the outputs of what it
   * pulled and of what the stages send without an input, and ends when the source has ended, a flush has passed and
   * everything is settled; messages that a stage sends after the flush go to the flow's output. The source may yield
   * promises, as `for await` accepts them. Leaving the loop, aborting, and an error of the source stop it: it calls
   * the source's `return()`, pulls nothing more, and queued messages have become dead letters (`CANCELLED`) when the
   * loop is over. Only one at a time: a second one rejects with `FLOW_BUSY`. Rejects with an error of the source,
   * also from `return()`, `ABORTED`, `TERMINATED`, an error with which the first stage rejects an input, and, once
   * all available outputs were read, with `KERNEL_FAILED` when a stage has failed for good: all of its workers, or
   * one whose messages no other accepts.
   *
   * @example
   * for await (const result of flow.process(readRows(file))) console.log(result);
   */
  process(
    source: Iterable<In> | AsyncIterable<In>,
    options?: Pick<WaitOptions, "signal">,
  ): AsyncGenerator<Out, void, void>;
  /**
   * The two ends of one `process`, for `readable.pipeThrough(flow.streams())`: a write waits until the flow accepts
   * it, and rejects if it is rejected; a read waits for the next output. They start with the first write or read.
   * Closing the writable ends it; aborting or cancelling either end cancels what is in flight.
   */
  streams(): { readonly writable: WritableStream<In>; readonly readable: ReadableStream<Out> };
  /**
   * Resolves when all messages accepted before are settled and a flush has passed. A paused flow settles nothing
   * until it is resumed. Rejects with `TIMEOUT`, `ABORTED`, `TERMINATED`.
   */
  drain(options?: WaitOptions): Promise<void>;
  /**
   * Deactivates all stages, or one: their queues stay. Once it resolves, nothing more is delivered there. Rejects with
   * `INVALID_ARGUMENT` for a name that no stage has.
   */
  pause(stage?: string): Promise<void>;
  /** Reactivates all stages, or one. */
  resume(stage?: string): Promise<void>;
  /** Changes the rate and the queue size of a stage while it runs. Rejects as `move` does. */
  tune(stage: string, options: TuneStageOptions): Promise<void>;
  /**
   * Moves a stage to another backend or thread, each of its workers as `move` of the runtime does. Rejects as that does,
   * and with `INVALID_ARGUMENT` for a name that no stage has.
   */
  move(stage: string, options: MoveOptions): Promise<void>;
  /**
   * Gives a stage another definition, each of its workers as `swap` of the runtime does: for a moment, some run the new
   * code and some the old. The types are checked when it is called.
   */
  swap(stage: string, definition: AnyKernel, options?: SwapOptions): Promise<void>;
  /**
   * Changes the number of workers of a stage while it runs: those that stay and those that come take over the queued
   * messages and the state by key. Order, ledger and commits hold throughout. The workers finish what they have in
   * flight, then all begin again. Rejects with `INVALID_ARGUMENT` for a stage that cannot have so many workers, which
   * is any that began with one and without limits, and as `move` does; the stage then runs on as it was.
   */
  scale(stage: string, workers: number, options?: ChangeOptions): Promise<void>;
  /**
   * Reads the figures of the flow and of each stage.
   *
   * @example
   * const { bottleneck, latency, stages } = await flow.telemetry();
   */
  telemetry(): Promise<FlowTelemetry>;
  /** Description of the topology; nodes that are functions run on the "host". */
  describe(): Description;
  /** The dead letters of this flow: of its stages, its other nodes, and its output. */
  readonly deadLetters: DeadLetters;
}

/** Load of the workers of a stage, since the last decision about their number. */
export interface StageLoad {
  /** Share of the time in which a worker had messages, of all workers on average, from 0 to 1. */
  readonly utilization: number;
  /** Messages that waited for each worker, on average. */
  readonly waiting: number;
}

/** Telemetry of the workers of one stage together; latencies are those of the slowest worker. */
export interface StageTelemetry extends KernelTelemetry {
  /** Name of the stage. */
  readonly stage: string;
  /** Number of its workers. */
  readonly workers: number;
}

/** Figures of a running flow, of all its stages together and of each one. */
export interface FlowTelemetry {
  /** Time of the figures, in epoch milliseconds. */
  readonly asOf: number;
  /** Inputs accepted and not settled. */
  readonly inFlight: number;
  /** Settled inputs per second; zeros when telemetry is off. */
  readonly throughput: Throughput;
  /** Time from the acceptance of an input until it is settled; zeros when telemetry is off. */
  readonly latency: Latency;
  /**
   * The stage that holds up the others: the last one whose queue is at least half as full as the fullest, as those
   * before it fill up too. Null while no more messages wait than there are workers.
   */
  readonly bottleneck: string | null;
  /** Figures of each stage, in the order of the topology. */
  readonly stages: readonly StageTelemetry[];
}
