import { type AnyRinglineError, errors } from "../errors/ringline-error.js";
import type { Clock } from "./clock.js";
import { onAbort } from "./on-abort.js";
import type { WaitOptions } from "./wait-options.js";

/**
 * The end of a kernel, for the waits made on its behalf: they come and go with each message, for which an `AbortSignal`
 * is too slow.
 */
export class EndSignal {
  /** Id of the kernel; undefined for a runtime. */
  readonly kernelId: string | undefined;
  isOver = false;
  readonly #callbacks = new Set<() => void>();

  constructor(kernelId?: string) {
    this.kernelId = kernelId;
  }

  /** Number of waits. */
  get size(): number {
    return this.#callbacks.size;
  }

  /** Calls back once, at the end; never if that is over already. */
  add(callback: () => void): void {
    this.#callbacks.add(callback);
  }

  delete(callback: () => void): void {
    this.#callbacks.delete(callback);
  }

  end(): void {
    this.isOver = true;
    const callbacks = [...this.#callbacks];
    this.#callbacks.clear();
    for (const callback of callbacks) callback();
  }
}

/** Key of the end signal among the options of a kernel's wait; not an option of the public API. */
export const END_SIGNAL: unique symbol = Symbol.for("ringline.ending") as never;

/** A wait made by a kernel, which ends with it. */
export interface KernelWait extends WaitOptions {
  /** Ends the wait with `TERMINATED`. */
  readonly [END_SIGNAL]?: EndSignal;
}

/** The result of `promise`, or the error of the wait if that is over first. */
export function limited<T>(
  promise: Promise<T>,
  wait: KernelWait,
  clock: Clock,
  operation: string,
  kernelId?: string,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = limitWait(wait, clock, operation, kernelId, reject);
    promise.then(resolve, reject).finally(stop);
  });
}

/**
 * Calls `giveUp` with `TIMEOUT`, `ABORTED` or `TERMINATED` when a wait has lasted long enough. Returns a function that
 * ends the watch and leaves neither a timer nor a listener behind.
 */
export function limitWait(
  { timeout, signal, [END_SIGNAL]: ending }: KernelWait,
  clock: Clock,
  operation: string,
  kernelId: string | undefined,
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
    giveUp(new errors.TERMINATED({ operation }, { kernelId: ending?.kernelId ?? kernelId }));
  };
  const stop = () => {
    stopTimer?.();
    stopSignal?.();
    ending?.delete(ended);
  };
  const stopSignal = signal && onAbort(signal, aborted);
  ending?.add(ended);
  if (signal?.aborted) aborted();
  else if (ending?.isOver) ended();
  return stop;
}

/**
 * Result of `task`, unless the wait is over before: then the error of the wait, at once. The signal of the task
 * aborts with this error, so that the task undoes what it has begun.
 */
export function bounded<T>(
  wait: KernelWait,
  clock: Clock,
  operation: string,
  kernelId: string | undefined,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  return new Promise((resolve, reject) => {
    const stop = limitWait(wait, clock, operation, kernelId, (error) => {
      over.abort(error);
      reject(error);
    });
    task(over.signal)
      .then(resolve, reject)
      .finally(() => stop());
  });
}
