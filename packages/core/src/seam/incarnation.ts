import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { Histogram } from "../telemetry/measures.js";
import type { DeviceTelemetry, Latency, TelemetryOptions, ThreadTelemetry } from "../telemetry/telemetry.js";
import type { Clock } from "../time/clock.js";
import type { Port } from "./port.js";
import type { Reports, Routes } from "./routes.js";

/** The stage assignment of a kernel in a flow, as data: it may be sent to another place. */
export interface StageAssignment {
  /** The name of its stage, for errors. */
  readonly name: string;
  /** Node of the flow at which origins count the messages of the stage. */
  readonly node: number;
  /** Maximum messages per second of this worker; Infinity for no limit. */
  readonly rate: number;
  /**
   * Name from which output ids are derived, the same for all workers and in every program; undefined if no such ids
   * are needed.
   */
  readonly ids: string | undefined;
  /** Share of the keys of the stage; undefined if its workers share nothing by key. */
  readonly share?: KeyShare | undefined;
}

/** The keys that belong to one worker of a stage: those that `workerOf` maps to its index. */
export interface KeyShare {
  readonly index: number;
  /** Number of workers. */
  readonly of: number;
}

/**
 * Outputs sent by a commit that a crash broke off, while their input is retried; by ids, which are the same at each
 * attempt.
 */
export interface Published {
  readonly isEmpty: boolean;
  has(inputId: string, outputId: string): boolean;
  add(inputId: string, outputId: string): void;
  /** Forgets the outputs of an input that is done. */
  forget(inputId: string): void;
}

/** The data with which a place runs a kernel. */
export interface UnitSpec {
  readonly kernel: KernelDefinition;
  /** Ids of peers by their local names. */
  readonly peers: ReadonlyMap<string, string>;
  readonly input: Port;
  readonly routes: Routes;
  readonly reports: Reports;
  /** The checkpoint to start from; undefined for none. Shared, so nobody may change it. */
  readonly restored: unknown;
  /** Outputs that a broken-off commit has already sent. A place that has no access to them sends them again. */
  readonly published?: Published | undefined;
  readonly clock: Clock;
  readonly telemetry: TelemetryOptions | undefined;
  /** Processing times of earlier incarnations, to be continued; undefined to start a new histogram. */
  readonly processing?: Histogram | undefined;
  /**
   * Cells for two counts of the incarnation, outputs accepted and errors, in memory that outlives the place; undefined
   * if the place does not end before its kernels.
   */
  readonly counts?: Float64Array | undefined;
  /** Undefined for a kernel outside flows. */
  readonly assignment: StageAssignment | undefined;
  /** Initial value of `ctx.isActive`: a restarted kernel may be active already. */
  readonly isActive: boolean;
}

/** The start of an incarnation. */
export interface Start {
  /** True if the kernel ran before: a place that cannot run it at the moment may wait. */
  readonly isRestart: boolean;
  /**
   * Aborts when the incarnation is no longer needed: the place resolves soon if its body may run already, or else
   * undoes what it has begun and rejects.
   */
  readonly signal: AbortSignal;
}

/** The end of an incarnation: its body returned, it was stopped, or it failed. */
export type Exit =
  | { readonly kind: "returned" }
  /** `unfinished`: the error of the message in flight, if the end came between two attempts at it. */
  | { readonly kind: "stopped"; readonly unfinished?: AnyRinglineError }
  | {
      readonly kind: "failed";
      readonly error: AnyRinglineError;
      /**
       * True if the incarnation was lost with its place, by the fault of another kernel: the restart is not charged
       * to its budget.
       */
      readonly isBlameless?: boolean;
    };

/** A wait of a kernel. */
export interface Wait {
  /**
   * Target of the wait. "input": a message to process. "answer": of `kernelId`, to a request. "output": of `kernelId`,
   * by `receiveFrom`. "room": in the input of `kernelId`. "reader": a receiver of its output, or of that of the flow
   * `kernelId`. "activation": its own. "timer": one that it has set. The next stage of a flow is named without the number of a worker: `flow.stage`.
   */
  readonly for: "input" | "answer" | "output" | "room" | "reader" | "activation" | "timer";
  /** Id of the kernel that can end the wait; null if it may be anybody. */
  readonly kernelId: string | null;
  /** Number of such waits, at least 1. */
  readonly count: number;
}

export interface IncarnationStats {
  readonly sent: number;
  /** Number of answers to requests among them. */
  readonly answers?: number;
  readonly errors: number;
  /** Attempts at the message in flight, at least 1. */
  readonly attempts: number;
  readonly processing: Latency;
  /** Telemetry of the thread on which the kernel runs. */
  readonly thread?: ThreadTelemetry | undefined;
  /** Waits at this moment. An output that waits is listed as "room" with `kernelId` null. */
  readonly waits: readonly Wait[];
  readonly device?: DeviceTelemetry | undefined;
}

/** Modes of ending an incarnation, each more pressing than the one before. */
export type StopMode = "finish" | "cooperative" | "abandon";

/** One run of a kernel, from a start to its end. */
export interface Incarnation {
  /** Resolves once, when nothing of the body runs any more or the incarnation is abandoned; never rejects. */
  readonly exited: Promise<Exit>;
  /** The thread, process or host on which it runs, such as "thread 3"; left out in the thread of the runtime. */
  readonly place?: string | undefined;
  /** Sets `ctx.isActive`. The gate of the port controls delivery. */
  setActive(active: boolean): Promise<void>;
  /**
   * Ends the incarnation. "finish": the body receives nothing more, and finishes the messages in flight: what it waits
   * for goes on. "cooperative": the context asks the body to end, waiting calls end with `TERMINATED`.
   * "abandon": the context is revoked, so that nothing the body still does has an effect, and the incarnation counts as
   * ended.
   */
  stop(mode: StopMode): Promise<void>;
  /** Runs the callbacks of `ctx.onFlush`. Rejects with what they throw. */
  flush(): Promise<void>;
  stats(): Promise<IncarnationStats>;
}

/** Result of a batch. */
export interface BatchOutcome {
  /**
   * The output of the message at `index`, or several of them; undefined for none. Called once for each message, in order, while it is in
   * flight: messages created in the call are caused by it. An exception is the failure of this message.
   */
  output(index: number): AnyMessage | readonly AnyMessage[] | undefined;
  /** A checkpoint that counts once the batch is settled. */
  readonly checkpoint?: unknown;
  /** Releases the result, which is not used any more. */
  release(): void;
}

/** Processes batches of messages, outside the event loop. */
export interface BatchExecutor {
  /** True if no more messages fit into a batch with these. */
  isFull(messages: readonly AnyMessage[]): boolean;
  /** Milliseconds that a message waits for others. */
  readonly linger: number;
  /** Maximum number of batches under way. */
  readonly depth: number;
  /**
   * Processes a batch. Batches start in the order of the calls, and end in any order. Rejects with the error of all its
   * messages.
   */
  run(messages: readonly AnyMessage[]): Promise<BatchOutcome>;
  /** Telemetry of the device at this moment. */
  stats(): DeviceTelemetry;
  /** Called once, when the kernel has ended. */
  dispose(): void;
}
