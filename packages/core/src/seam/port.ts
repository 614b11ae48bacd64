import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { Backpressure } from "../kernels/kernel.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { Latency, Ledger, TelemetryOptions, Throughput } from "../telemetry/telemetry.js";
import type { WaitOptions } from "../time/wait-options.js";

/** The end of a port that messages enter. */
export interface Outlet {
  /**
   * Returns true if the message is accepted, false if it must wait: then `push` it. Throws `QUEUE_FULL` if the port
   * rejects, and the error that the port was sealed with. A message that is not accepted leaves no trace.
   */
  tryPush(message: AnyMessage): boolean;
  /**
   * Resolves on acceptance, in the order of the calls. Rejects with `TIMEOUT`, `ABORTED`, and what `tryPush` throws.
   */
  push(message: AnyMessage, wait?: WaitOptions): Promise<void>;
}

/** Outcome of a message that was taken. An expired one never reached the kernel: it does not count as delivered. */
export type Outcome = "done" | "dead-lettered" | "expired" | "requeued";

/** The end of a port that messages leave. One reader at a time. */
export interface Inlet {
  /**
   * Takes the oldest message of the highest priority, which is then in flight; undefined if there is none or the gate
   * is closed.
   */
  tryTake(): AnyMessage | undefined;
  /** Calls back once `tryTake` can return a message, at once if it can already. Replaces an earlier call. */
  whenReadable(callback: () => void): void;
  /**
   * Settles a message in flight. A requeued message is first in line for redelivery, with `attempts` earlier attempts
   * (default 0). Returns false if it was not in flight. A message taken from an output is done already; it can only be
   * requeued.
   */
  settle(message: AnyMessage, outcome: Outcome, attempts?: number): boolean;
  /** Number of attempts at a message in flight before this delivery: 0 unless it was requeued. */
  attemptsOf(message: AnyMessage): number;
}

/** An unsettled message, with the number of attempts before its latest delivery. */
export interface Unsettled {
  readonly message: AnyMessage;
  readonly attempts: number;
}

export interface PortSpec {
  readonly kernelId: string;
  readonly direction: "input" | "output";
  /** Maximum number of queued messages, at least 1. */
  readonly capacity: number;
  readonly backpressure: Backpressure;
  readonly telemetry: TelemetryOptions | undefined;
  /** The thread that is asked for, by its number from 0, or a new one; for a place with threads. */
  readonly thread?: number | "new" | undefined;
  /** Called when the port has dropped a message to make room. */
  readonly dropped: (message: AnyMessage) => void;
}

/** Counts since the port was opened. */
export interface PortStats {
  readonly ledger: Ledger;
  readonly received: number;
  readonly rejected: number;
  readonly requeued: number;
  /** Number of senders that wait for room now. */
  readonly parked: number;
  /** Throughput of done messages. */
  readonly throughput: Throughput;
  readonly wait: Latency;
}

/**
 * A bounded, prioritised queue of a launched kernel. A port outlives the kernel's incarnations and, for places that can
 * be lost, their hosts. An input is opened with its gate closed, and a message taken from it is in flight until it is
 * settled; an output has no gate, and a message taken from it is done.
 */
export interface Port {
  readonly outlet: Outlet;
  readonly inlet: Inlet;
  /** Opens or closes the gate. Once it has resolved with `false`, nothing is delivered until the gate opens. */
  gate(open: boolean): Promise<void>;
  /** Closes the port to senders: parked and later pushes end with this error. */
  seal(error: () => AnyRinglineError): Promise<void>;
  /** Resolves when nothing is queued or in flight. Rejects with `TIMEOUT` or `ABORTED`. */
  idle(wait?: WaitOptions): Promise<void>;
  /** Returns the messages that a lost incarnation had in flight; core then settles each. */
  recover(): Promise<readonly Unsettled[]>;
  /** Removes the queued messages, in order, and counts them as dead-lettered. */
  remove(): Promise<readonly Unsettled[]>;
  /**
   * Removes unwanted messages from the queue, also those admitted meanwhile, and counts them as dead-lettered. Left out
   * if the queue is not accessible here: the messages are then skipped when they are taken.
   */
  readonly discard?: ((isUnwanted: (message: AnyMessage) => boolean) => readonly Unsettled[]) | undefined;
  /**
   * Takes over the messages that `remove` of another port has returned: in order, whatever the capacity, those with
   * attempts first in line for redelivery. Called before the port has delivered anything. `refused`: called for a
   * message that cannot be kept here. Left out if a kernel cannot be moved to this place.
   */
  readonly adopt?: ((messages: readonly Unsettled[], refused: Refused) => Promise<void>) | undefined;
  stats(): Promise<PortStats>;
}

/** Handles a message that a port could not take over, with the reason. */
export type Refused = (message: Unsettled, error: unknown) => void;
