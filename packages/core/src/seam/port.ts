import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { Backpressure } from "../kernels/kernel.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { Latency, Ledger, TelemetryOptions, Throughput } from "../telemetry/telemetry.js";
import type { WaitOptions } from "../time/wait-options.js";

/** The end of a port that messages enter. */
export interface Outlet {
  /**
   * True when the message is accepted, false when it must wait: then `push` it. Throws `QUEUE_FULL` where the port
   * rejects, and what the port was sealed with. A message that is not accepted leaves no trace.
   */
  tryPush(message: AnyMessage): boolean;
  /** Resolves on acceptance, in the order of the calls. Rejects with `TIMEOUT`, `ABORTED`, and what `tryPush` throws. */
  push(message: AnyMessage, wait?: WaitOptions): Promise<void>;
}

/** Outcome of a message that was taken. An expired one never reached the kernel: it does not count as delivered. */
export type Outcome = "done" | "dead-lettered" | "expired" | "requeued";

/** The end of a port that messages leave. One reader at a time. */
export interface Inlet {
  /** The oldest message of the highest priority, which is then in hand; undefined when there is none or the gate is closed. */
  tryTake(): AnyMessage | undefined;
  /** Calls back once when `tryTake` will give a message: at once where it does so already. Replaces an earlier call. */
  whenReadable(callback: () => void): void;
  /**
   * Ends the time in hand; a requeued message is first in line for delivery, and from then on was tried `attempts` times
   * (default 0). False when it was not in hand. What was taken from an output is done already; it can only be requeued.
   */
  settle(message: AnyMessage, outcome: Outcome, attempts?: number): boolean;
  /** Number of attempts at a message in flight before this delivery: 0 unless it was requeued. */
  attemptsOf(message: AnyMessage): number;
}

/** A message that is not settled, and how often it was tried before its latest delivery. */
export interface Unsettled {
  readonly message: AnyMessage;
  readonly attempts: number;
}

export interface PortSpec {
  readonly kernelId: string;
  readonly direction: "input" | "output";
  /** Messages, at least 1. */
  readonly capacity: number;
  readonly backpressure: Backpressure;
  readonly telemetry: TelemetryOptions | undefined;
  /** The port dropped a message to make room. */
  readonly dropped: (message: AnyMessage) => void;
}

/** Counts since the port was opened. */
export interface PortStats {
  readonly ledger: Ledger;
  readonly received: number;
  readonly rejected: number;
  readonly requeued: number;
  /** Senders that wait for room, now. */
  readonly parked: number;
  /** Messages done. */
  readonly throughput: Throughput;
  readonly wait: Latency;
}

/**
 * A bounded, prioritised queue of a launched kernel, as core holds it. It outlives the kernel's incarnations and, for
 * places that can be lost, their hosts. An input is opened with its gate closed and a message taken from it is in hand
 * until it is settled; an output has no gate, and what is taken from it is done.
 */
export interface Port {
  readonly outlet: Outlet;
  readonly inlet: Inlet;
  /** Resolved: while closed nothing is delivered. */
  gate(open: boolean): Promise<void>;
  /** Nothing more is accepted: parked and later pushes end with this error. */
  seal(error: () => AnyRinglineError): Promise<void>;
  /** Resolves when nothing is queued or in hand. Rejects with `TIMEOUT` or `ABORTED`. */
  idle(wait?: WaitOptions): Promise<void>;
  /** Takes back what a lost incarnation had in hand; each is then settled by core. */
  recover(): Promise<readonly Unsettled[]>;
  /** Takes out what is queued, in order, and counts it as dead-lettered. */
  remove(): Promise<readonly Unsettled[]>;
  /**
   * Takes out the queued messages that are unwanted, and those that come in for them, and counts them as dead-lettered. Left
   * out: what is queued is not at hand here; it is passed over when it is taken.
   */
  readonly discard?: ((isUnwanted: (message: AnyMessage) => boolean) => readonly Unsettled[]) | undefined;
  stats(): Promise<PortStats>;
}
