import { type AnyRinglineError, errors } from "../errors/ringline-error.js";
import type { Clock } from "./clock.js";
import { onAbort } from "./on-abort.js";
import type { WaitOptions } from "./wait-options.js";

/** A wait made by a kernel, which ends with it. */
export interface KernelWait extends WaitOptions {
  /** Ends the wait with `TERMINATED`. */
  readonly ending?: AbortSignal;
}

/** What `promise` settles with, unless the wait is over before. */
export function limited<T>(
  promise: Promise<T>,
  wait: KernelWait,
  clock: Clock,
  operation: string,
  kernelId: string,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = limitWait(wait, clock, operation, kernelId, reject);
    promise.then(resolve, reject).finally(stop);
  });
}

/**
 * Calls `giveUp` with `TIMEOUT`, `ABORTED` or `TERMINATED` when a wait has lasted long enough. Returns what ends the watch; it leaves
 * neither a timer nor a listener behind.
 */
export function limitWait(
  { timeout, signal, ending }: KernelWait,
  clock: Clock,
  operation: string,
  kernelId: string,
  giveUp: (error: AnyRinglineError) => void,
): () => void {
  const stopTimer =
    timeout === undefined || timeout === Number.POSITIVE_INFINITY
      ? undefined
      : clock.after(timeout, () => {
          stop();
          giveUp(new errors.TIMEOUT({ operation, timeout }, { kernelId }));
        });
  const aborted = () => {
    stop();
    giveUp(new errors.ABORTED({ operation }, { cause: signal?.reason, kernelId }));
  };
  const ended = () => {
    stop();
    const kernelOf = (ending?.reason as { kernelId?: string } | undefined)?.kernelId;
    giveUp(new errors.TERMINATED({ operation }, { kernelId: kernelOf ?? kernelId }));
  };
  const stop = () => {
    stopTimer?.();
    stopSignal?.();
    stopEnding?.();
  };
  const stopSignal = signal && onAbort(signal, aborted);
  const stopEnding = ending && onAbort(ending, ended);
  if (signal?.aborted) aborted();
  else if (ending?.aborted) ended();
  return stop;
}
