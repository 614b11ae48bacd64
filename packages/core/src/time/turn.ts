import { now } from "./clock.js";

/** Milliseconds of uninterrupted work after which kernels yield to the event loop. */
const SLICE = 8;
/** Maximum units of work between two readings of the clock: the cost of a unit may change at any time. */
const LONGEST_RUN = 128;
/** Units of work for a message that a body processes, whose cost is unknown; forwarding a message counts 1. */
export const WORK = 4;

/**
 * Shares the event loop: kernels pass messages in microtasks, which would block timers and input forever. Every piece
 * of work is counted; the clock is read often enough that a slice is exceeded by little, whatever one piece costs.
 */
class Turn {
  #run = 8;
  #remaining = this.#run;
  #checked = 0;
  #started = 0;
  /**
   * Callbacks that resume after a turn of the event loop, one by one: those that have used up a slice come
   * after those that had none.
   */
  readonly #queue: (() => void)[] = [];
  #isScheduled = false;
  /** True if a caller waits for a turn already: then the next one waits too. */
  #isSpent = false;
  /** The latest promise of `next`; `#wake` resolves it. */
  #next: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  /** Number of turns of the event loop that callers waited for. */
  turnsTaken = 0;

  /** Counts a piece of work. Returns true if the caller must wait for `next()` before it continues. */
  spend(work = 1): boolean {
    this.#remaining -= work;
    return this.#remaining <= 0 && this.#check();
  }

  /** Resolves after a turn of the event loop, behind earlier callers. */
  next(): Promise<void> {
    if (requestsAreApart()) return new Promise((resolve) => this.resume(resolve));
    // a shared promise must not overtake callbacks that were queued meanwhile
    if (this.#next === undefined || this.#queue.at(-1) !== this.#wake) this.#next = new Promise(this.#await);
    return this.#next;
  }

  readonly #await = (resolve: () => void): void => {
    const wake = () => {
      if (this.#wake === wake) this.#next = this.#wake = undefined;
      resolve();
      // waiting callers resume in microtasks, which come after this: the slice is theirs
      if (this.#queue.length > 0) this.#schedule();
    };
    this.#wake = wake;
    this.resume(wake);
  };

  /** Calls back after a turn of the event loop, once earlier callers have had a slice. */
  resume(work: () => void): void {
    if (requestsAreApart()) {
      this.turnsTaken++;
      macrotask(() => {
        this.#started = now();
        work();
      });
      return;
    }
    this.#queue.push(work);
    this.#isSpent = true;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.turnsTaken++;
    macrotask(this.#resume);
  }

  readonly #resume = (): void => {
    this.#isScheduled = false;
    this.#isSpent = false;
    this.#started = this.#checked = now();
    while (this.#queue.length > 0 && !this.#isScheduled) {
      (this.#queue.shift() as () => void)();
      if (this.#queue.length > 0 && now() - this.#started >= SLICE) this.#schedule();
    }
  };

  #check(): boolean {
    const time = now();
    const each = Math.max(time - this.#checked, 0.001) / this.#run;
    this.#checked = time;
    this.#run = Math.max(1, Math.min(LONGEST_RUN, Math.floor(SLICE / 2 / each)));
    const isSpent = this.#isSpent || time - this.#started >= SLICE;
    this.#remaining = isSpent ? 1 : this.#run; // the next call gets the same result
    return isSpent;
  }
}

/** The turn of this thread's event loop: one for all kernels that share it. */
export const turn = new Turn();

/** Maximum number of deferred outcomes: calls that nobody awaits would pile up. */
const MAX_DEFERRED = 1000;
let deferred = 0;

/** Defers an outcome until after a turn of the event loop: a caller that retries in a loop must let others work. */
export function afterTurn<T>(outcome: Promise<T>): Promise<T> {
  return deferred < MAX_DEFERRED ? deferOutcome(outcome) : outcome;
}

async function deferOutcome<T>(outcome: Promise<T>): Promise<T> {
  outcome.catch(() => {}); // the caller handles it later
  deferred++;
  await turn.next();
  deferred--;
  return outcome;
}

interface Host {
  setImmediate?: (callback: () => void) => void;
  MessageChannel?: typeof MessageChannel;
  navigator?: { readonly userAgent?: string };
}

/**
 * True on workerd, which serves many requests on one event loop, and drops the timers and messages of a request that
 * has ended: each waiter has a timer of its own there, so that no request depends on another's.
 */
function requestsAreApart(): boolean {
  return (globalThis as Host).navigator?.userAgent === "Cloudflare-Workers";
}

let schedule: ((callback: () => void) => void) | undefined;

/** Calls back after a turn of the event loop. */
export function macrotask(callback: () => void): void {
  schedule ??= hostMacrotask(globalThis as unknown as Host); // created lazily: no side effect while modules are loaded
  schedule(callback);
}

function hostMacrotask({ setImmediate, MessageChannel }: Host): (callback: () => void) => void {
  if (requestsAreApart()) return (callback) => void setTimeout(callback, 0);
  if (typeof setImmediate === "function") return (callback) => setImmediate(callback);
  if (typeof MessageChannel !== "function") return (callback) => void setTimeout(callback, 0);
  // browsers delay a nested setTimeout to 4 ms, but not a message
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return (callback) => {
    waiting.push(callback);
    port2.postMessage(0);
  };
}

/** Ready work, which yields to the event loop itself. */
type Work = () => void;

let isDispatching = false;
/** Work that became ready while other work runs. Slots are reused: an array that is emptied frees its memory. */
const ready: (Work | undefined)[] = [];
let readyCount = 0;

/**
 * Runs the work at once or, if called from other work, right after that. So a message reaches its kernel without a
 * microtask, a kernel's body is never called from within another's, and a long chain of kernels needs no deep stack. An
 * exception of the work is a defect of Ringline, and becomes an unhandled rejection: other work continues.
 */
export function dispatch(work: Work): void {
  if (isDispatching) {
    ready[readyCount++] = work;
    return;
  }
  isDispatching = true;
  run(work);
  if (readyCount > 0) runReady();
  isDispatching = false;
}

function runReady(): void {
  for (let next = 0; next < readyCount; next++) {
    const work = ready[next] as Work;
    ready[next] = undefined;
    run(work);
  }
  readyCount = 0;
}

function run(work: Work): void {
  try {
    work();
  } catch (defect) {
    void Promise.reject(defect);
  }
}
