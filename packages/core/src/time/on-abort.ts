import { turn } from "./turn.js";

/**
 * Callbacks by signal. One listener per signal: hundreds of waits may share one, and Node warns after ten listeners.
 */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls back once when the signal aborts. Returns a function that removes the callback and leaves nothing on the
 * signal.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const callbacks = waiting.get(signal) ?? listen(signal);
  callbacks.add(callback);
  return () => {
    if (!callbacks.delete(callback) || callbacks.size > 0) return;
    signal.removeEventListener("abort", release);
    waiting.delete(signal);
  };
}

function listen(signal: AbortSignal): Set<() => void> {
  const callbacks = new Set<() => void>();
  waiting.set(signal, callbacks);
  signal.addEventListener("abort", release, { once: true });
  return callbacks;
}

function release({ target }: Event): void {
  const signal = target as AbortSignal;
  const callbacks = waiting.get(signal);
  waiting.delete(signal);
  for (const callback of callbacks ?? []) callback();
}

/** Reason of internal signals: an error for each would capture a stack that nobody reads. */
export const ABORTED = Object.assign(new Error("This operation was aborted"), { name: "AbortError" });

interface Line {
  readonly callbacks: Set<() => void>;
  readonly forget: () => void;
}
const lines = new WeakMap<AbortSignal, Line>();

/**
 * Calls back once when the signal aborts, for callbacks that begin work, thousands on one signal: the first is called
 * at once, the others in turn with the rest of the event loop. If the signal has aborted already, the callback is
 * called at once.
 */
export function onAbortInTurn(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) {
    callback();
    return () => {};
  }
  const { callbacks, forget } = lines.get(signal) ?? lineUp(signal);
  callbacks.add(callback);
  return () => {
    if (!callbacks.delete(callback) || callbacks.size > 0 || signal.aborted) return;
    forget();
    lines.delete(signal);
  };
}

function lineUp(signal: AbortSignal): Line {
  const callbacks = new Set<() => void>();
  const line = { callbacks, forget: onAbort(signal, () => void callInTurn(callbacks)) };
  lines.set(signal, line);
  return line;
}

async function callInTurn(callbacks: ReadonlySet<() => void>): Promise<void> {
  for (const callback of callbacks) {
    callback();
    await (turn.spend() ? turn.next() : undefined); // work begun by the callback continues in the same slice
  }
}

/** Resolves to true if `promise` resolves before the signal aborts, to false if the signal is first. */
export async function settlesBefore(promise: Promise<unknown>, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  let cancel = () => {};
  const over = new Promise<false>((resolve) => {
    cancel = onAbort(signal, () => resolve(false));
  });
  const settled = await Promise.race([promise.then(() => true), over]);
  cancel();
  return settled;
}

/**
 * The result of `promise`; rejects with the signal's reason once it aborts, and then passes a late result to `undo`.
 */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal, undo: (late: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const isOver = () => signal.aborted;
    const cancel = onAbort(signal, () => reject(signal.reason));
    if (isOver()) reject(signal.reason);
    promise.then((value) => (isOver() ? undo(value) : resolve(value)), reject).finally(cancel);
  });
}

/** An AbortController that is made when its signal is read: it costs a kilobyte, and most are never read. */
export class LazyController {
  #controller: AbortController | undefined;
  #reason: (() => unknown) | undefined;

  /** True once aborted; makes no signal. */
  get aborted(): boolean {
    return this.#reason !== undefined;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason());
    }
    return this.#controller.signal;
  }

  /** Aborts with what `reason` returns, which is called if the signal is read. Only the first call counts. */
  abort(reason: () => unknown = () => undefined): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#controller?.abort(reason());
  }
}
