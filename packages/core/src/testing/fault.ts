import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { Backend } from "../seam/backend.js";

/** Moment at which a fault strikes. Without `nth`, `every` and `chance`: each time. */
export interface WhenFault {
  /** Default: any kernel; each counts for itself. */
  readonly kernelId?: string | undefined;
  /** The nth time only, counted from 1 since the runtime started, over all lives of the kernel. */
  readonly nth?: number | undefined;
  /** Each nth time, at least 1. */
  readonly every?: number | undefined;
  /** With this chance each time, 0 to 1, by the seed. */
  readonly chance?: number | undefined;
}

/**
 * The fault:
 * - "crash": the kernel fails when a message is delivered to it, which is then in hand
 * - "refuse": a send to the kernel fails, and is not accepted; default error: `QUEUE_FULL`
 * - "delay": the delivery of a message, and of those behind it, waits `by` milliseconds of the runtime's clock
 * - "reject-spawn": an incarnation cannot begin
 * - "lose-place": all kernels of the backend fail at once when a message is delivered to this one
 */
export type Fault = WhenFault &
  (
    | { readonly do: "crash" | "reject-spawn" | "lose-place" }
    | { readonly do: "refuse"; readonly error?: () => AnyRinglineError }
    | { readonly do: "delay"; readonly by: number }
  );

export interface InjectedFault {
  readonly do: Fault["do"];
  readonly kernelId: string;
  /** Number of the delivery, send or spawn of this kernel, counted from 1. */
  readonly nth: number;
}

export interface FaultyBackend extends Backend {
  /** Faults injected so far, oldest first. */
  readonly injected: readonly InjectedFault[];
  /** Lets all kernels of the backend fail, as when a thread or a device is lost. They live again as their supervision says. */
  losePlace(): void;
}
