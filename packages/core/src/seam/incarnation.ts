import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { Histogram } from "../telemetry/histogram.js";
import type { DeviceTelemetry, Latency, TelemetryOptions, ThreadTelemetry } from "../telemetry/telemetry.js";
import type { Clock } from "../time/clock.js";
import type { Port } from "./port.js";
import type { Reports, Routes } from "./routes.js";

/** The part that a kernel has in a flow. Data: it may cross to another place. */
export interface StageAssignment {
  /** The name of its stage, for errors. */
  readonly name: string;
  /** Node of the flow by which origins count. */
  readonly node: number;
  /** Most messages a second that this worker takes; Infinity for no limit. */
  readonly rate: number;
  /**
   * Name from which output ids are derived, the same for all workers and in every program; undefined if no such ids
   * are needed.
   */
  readonly ids: string | undefined;
}

/**
 * Outputs of a commit that a crash broke off: they left, and their input is tried again. By ids, which do not change from
 * one try to the next.
 */
export interface Published {
  readonly isEmpty: boolean;
  has(inputId: string, outputId: string): boolean;
  add(inputId: string, outputId: string): void;
  /** The input is done. */
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
  /** The checkpoint to begin with; undefined for none. Shared: nobody may change it. */
  readonly restored: unknown;
  /** Outputs that a broken commit has already sent. On a place that cannot reach them, those are sent again. */
  readonly published?: Published | undefined;
  readonly clock: Clock;
  readonly telemetry: TelemetryOptions | undefined;
  /** Times in hand of earlier incarnations, to go on with; undefined to begin anew. */
  readonly processing?: Histogram | undefined;
  /** Undefined for a kernel outside flows. */
  readonly assignment: StageAssignment | undefined;
  /** Initial value of `ctx.isActive`: a restarted kernel may be active already. */
  readonly isActive: boolean;
}

/** The start of an incarnation. */
export interface Start {
  /** The kernel ran before: a place that has nowhere to run it may wait. */
  readonly isRestart: boolean;
  /**
   * Aborts when nobody needs the incarnation any more: the place gives it soon, if its body may run already, or else undoes what
   * it has begun and rejects.
   */
  readonly signal: AbortSignal;
}

/** The end of an incarnation: its body returned, it was stopped, or it failed. */
export type Exit =
  | { readonly kind: "returned" }
  /** `unfinished`: what the message in hand failed with, where the end came between two tries at it. */
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
   * "input": a message to work on. "answer": of `kernelId`, to a request. "output": of `kernelId`, by `receiveFrom`.
   * "room": in the input of `kernelId`. "reader": somebody who receives its output, or that of the flow `kernelId`.
   * "activation": its own. The next stage of a flow is named without the number of a worker: `flow.stage`.
   */
  readonly for: "input" | "answer" | "output" | "room" | "reader" | "activation";
  /** Id of the kernel that can end the wait; null if it may be anybody. */
  readonly kernelId: string | null;
  /** Number of such waits, at least 1. */
  readonly count: number;
}

export interface IncarnationStats {
  readonly sent: number;
  readonly errors: number;
  /** At the message in hand, at least 1. */
  readonly attempts: number;
  readonly processing: Latency;
  /** Telemetry of the thread on which the kernel runs. */
  readonly thread?: ThreadTelemetry | undefined;
  /** At this moment. An output that waits does so for "room" of null. */
  readonly waits: readonly Wait[];
  readonly device?: DeviceTelemetry | undefined;
}

/** One life of a kernel between (re)starts. */
export interface Incarnation {
  /** Resolves once, when nothing of the body runs any more or the incarnation is abandoned; never rejects. */
  readonly exited: Promise<Exit>;
  /** Sets `ctx.isActive`. Delivery is the port's gate. */
  setActive(active: boolean): Promise<void>;
  /**
   * "cooperative": the context asks the body to end, waiting calls end with `TERMINATED`. "abandon": the context is
   * revoked, so that nothing the body still does has an effect, and the incarnation counts as ended.
   */
  stop(mode: "cooperative" | "abandon"): Promise<void>;
  /** Runs what the body registered with `ctx.onFlush`. Rejects with what that throws. */
  flush(): Promise<void>;
  stats(): Promise<IncarnationStats>;
}

/** Result of a batch. */
export interface BatchOutcome {
  /**
   * The output of the message at `index`, undefined for none. Called once for each message, in order, while it is in
   * hand: what is made then is caused by it. What it throws, this message failed with.
   */
  output(index: number): AnyMessage | undefined;
  /** A state that counts once the batch is settled. */
  readonly checkpoint?: unknown;
  /** Nothing more is asked of it. */
  release(): void;
}

/** Works on many messages at a time, elsewhere than on the event loop. */
export interface BatchExecutor {
  /** True where no more messages go with these in a batch. */
  isFull(messages: readonly AnyMessage[]): boolean;
  /** Milliseconds that a message waits for others. */
  readonly linger: number;
  /** Most batches under way. */
  readonly depth: number;
  /** Batches are begun in the order of the calls, and end in any order. Rejects with what all its messages failed with. */
  run(messages: readonly AnyMessage[]): Promise<BatchOutcome>;
  /** At this moment. */
  stats(): DeviceTelemetry;
  /** Called once, when the kernel has ended. */
  dispose(): void;
}
