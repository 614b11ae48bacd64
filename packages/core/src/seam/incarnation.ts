import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { SharedInputs } from "../flows/shared-inputs.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import type { DeviceTelemetry, Latency, TelemetryOptions, ThreadTelemetry } from "../telemetry/telemetry.js";
import type { Clock } from "../time/clock.js";
import type { Port } from "./port.js";
import type { Reports, Routes } from "./routes.js";

/** The part that a kernel has in a flow. Data: it may cross to another place. */
export interface StageSeat {
  /** The name of its stage, for errors. */
  readonly name: string;
  /** Its place in the flow: what origins count by. */
  readonly node: number;
  /** Most messages a second that this worker takes; Infinity for no limit. */
  readonly rate: number;
  /** What its outputs get ids from, the same for all workers and in every program; undefined where they need no such ids. */
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

/** What a place needs to run a kernel. */
export interface UnitSpec {
  readonly kernel: KernelDefinition;
  /** What its local names of peers stand for: name → id. */
  readonly peers: ReadonlyMap<string, string>;
  readonly input: Port;
  readonly routes: Routes;
  readonly reports: Reports;
  /** The checkpoint to begin with; undefined for none. Shared: nobody may change it. */
  readonly restored: unknown;
  /** Where a place cannot reach it, what had left when a commit was broken off comes again. */
  readonly published?: Published | undefined;
  readonly clock: Clock;
  readonly telemetry: TelemetryOptions | undefined;
  /** Undefined for a kernel outside flows. */
  readonly seat: StageSeat | undefined;
  /** Of a flow in which places count inputs themselves. */
  readonly inputs?: SharedInputs | undefined;
  /** What `ctx.isActive` says at the beginning: a kernel that lives again may be active already. */
  readonly isActive: boolean;
}

/** The start of an incarnation. */
export interface Start {
  /** The kernel ran before: a place that has nowhere to run it may wait. */
  readonly isAgain: boolean;
  /**
   * Aborts when nobody needs the incarnation any more: the place gives it soon, if its body may run already, or else undoes what
   * it has begun and rejects.
   */
  readonly signal: AbortSignal;
}

/** How an incarnation ended: its body returned, it was stopped, or it failed. */
export type Exit =
  | { readonly kind: "returned" }
  /** `unfinished`: what the message in hand failed with, where the end came between two tries at it. */
  | { readonly kind: "stopped"; readonly unfinished?: AnyRinglineError }
  | {
      readonly kind: "failed";
      readonly error: AnyRinglineError;
      /** It was lost with its place, by the fault of another kernel: its restart is not charged to its budget. */
      readonly isBlameless?: boolean;
    };

/** What a kernel waits for. */
export interface Wait {
  /**
   * "input": a message to work on. "answer": of `kernelId`, to a request. "output": of `kernelId`, by `receiveFrom`.
   * "room": in the input of `kernelId`. "reader": somebody who receives its output, or that of the flow `kernelId`.
   * "activation": its own. The next stage of a flow is named without the number of a worker: `flow.stage`.
   */
  readonly for: "input" | "answer" | "output" | "room" | "reader" | "activation";
  /** Who can end the wait; null where it may be anybody. */
  readonly kernelId: string | null;
  /** How many such waits there are, at least 1. */
  readonly count: number;
}

export interface IncarnationStats {
  readonly sent: number;
  readonly errors: number;
  /** At the message in hand, at least 1. */
  readonly attempts: number;
  readonly processing: Latency;
  /** Where it runs in a thread. */
  readonly thread?: ThreadTelemetry | undefined;
  /** At this moment. An output that waits does so for "room" of null. */
  readonly waits: readonly Wait[];
  readonly device?: DeviceTelemetry | undefined;
}

/** One life of a kernel between (re)starts. */
export interface Incarnation {
  /** Resolves once, when nothing of the body runs any more or the incarnation is abandoned; never rejects. */
  readonly exited: Promise<Exit>;
  /** What `ctx.isActive` says. Delivery is the port's gate. */
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
