import { checkOptions } from "../errors/check-options.js";
import { type AnyRinglineError, errors } from "../errors/ringline-error.js";
import type { Clock } from "./clock.js";
import { onAbort } from "./on-abort.js";

declare global {
  // empty where neither the DOM nor Node declares it, so that declarations compile there too; else it merges
  interface AbortSignal {}
}

/** Limits of a wait. */
export interface WaitOptions {
  /**
   * Time-out in milliseconds; 0 tries once; without it or with Infinity there is no limit. When it is over:
   * `TIMEOUT`. Negative or NaN: `INVALID_ARGUMENT`.
   */
  readonly timeout?: number | undefined;
  /** Ends the wait with `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of a message that the host sends to a kernel. */
export interface SendOptions extends WaitOptions {
  /**
   * Milliseconds after which the message is sent, 0 or more. The call resolves at once: the message is accepted and
   * counts as queued. `signal` then withdraws it, which counts as dropped, and `timeout` begins when it is due. It is
   * in the memory of the runtime: a restart or a move of the kernel does not concern it. When the kernel ends, with or
   * without `drain`, it becomes a dead letter, and so it does if the input does not take it when it is due.
   */
  readonly delay?: number | undefined;
  /** As `delay`: the time at which the message is sent, a Date or milliseconds since the epoch. A past time is now. */
  readonly at?: Date | number | undefined;
}

/** Limits of a batch. */
export interface BatchOptions {
  /** Maximum messages in one batch, an integer, at least 1. */
  readonly max: number;
  /**
   * Milliseconds to wait for more messages after the first.
   *
   * @default 0
   */
  readonly linger?: number | undefined;
}

const WAIT = ["timeout", "signal"] as const;

/** Options of each waiting call. A call that is not listed takes `timeout` and `signal`. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  launch: ["id", "backend", "peers", "queueSize", "backpressure", "supervise", ...WAIT],
  run: ["maxInFlight", ...WAIT],
  move: ["backend", "thread", "grace", "by", ...WAIT],
  scale: ["grace", "by", ...WAIT],
  tune: ["queueSize", "grace", "by", ...WAIT],
  swap: ["migrate", "grace", "by", ...WAIT],
  connect: ["mode", ...WAIT],
  terminate: ["drain", ...WAIT],
  dispose: ["drain", ...WAIT],
  replay: ["to", ...WAIT],
  receiveBatch: ["max", "linger", ...WAIT],
  "send later": ["delay", "at", ...WAIT],
  process: ["signal"],
};

/**
 * Rejects a wait that cannot start: `INVALID_ARGUMENT` for a wrong option, `ABORTED` for a signal that is aborted
 * already. `operation` is the name of the call in errors.
 */
export function checkWait(options: WaitOptions, operation: string, kernelId: string | null = null): void {
  checkLimits(options, operation, kernelId);
  const { signal } = options;
  if (signal?.aborted) throw new errors.ABORTED({ operation }, { cause: signal.reason, kernelId });
}

/**
 * Throws `INVALID_ARGUMENT` for an option that the call does not have, and for an invalid limit; a signal may be
 * aborted already.
 */
export function checkLimits(options: WaitOptions, operation: string, kernelId: string | null = null): void {
  checkOptions(options, OPTIONS[operation] ?? WAIT, `\`${operation}\``, { kernelId });
  const { timeout, signal } = options;
  if (timeout !== undefined && !(typeof timeout === "number" && timeout >= 0)) throw wrongTime("timeout", timeout);
  if (signal !== undefined && typeof signal?.addEventListener !== "function") {
    throw new errors.INVALID_ARGUMENT({ argument: "signal", value: signal }, { remedy: "Pass an AbortSignal." });
  }
}

/** Returns a function that gives the remaining limits of a wait of several steps. */
export function remaining({ timeout, signal }: WaitOptions, clock: Clock): () => WaitOptions {
  const until = timeout === undefined ? Number.POSITIVE_INFINITY : clock.now() + timeout;
  return () => ({ timeout: Math.max(0, until - clock.now()), signal });
}

/** Checks the options of a batch. Throws `INVALID_ARGUMENT`. */
export function checkBatch({ max, linger }: BatchOptions): void {
  if (!(Number.isSafeInteger(max) && max >= 1)) {
    throw new errors.INVALID_ARGUMENT(
      { argument: "max", value: max },
      { remedy: "`max` is a whole number of messages, at least 1." },
    );
  }
  if (linger !== undefined && !(typeof linger === "number" && linger >= 0)) throw wrongTime("linger", linger);
}

function wrongTime(argument: string, value: unknown) {
  return new errors.INVALID_ARGUMENT(
    { argument, value },
    { remedy: "Times are milliseconds, 0 or more; leave it out for no limit." },
  );
}

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
