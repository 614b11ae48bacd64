import { now } from "./clock.js";

/** Milliseconds of uninterrupted work after which the event loop gets its turn. */
const SLICE = 8;
/** Most work between two looks at the clock: what a piece takes may change from one to the next. */
const LONGEST_RUN = 128;
/** Units of work of a message for a body, whose cost is unknown; passing one on counts 1. */
export const WORK = 4;

/**
 * Shares the event loop: kernels pass messages in microtasks, which would keep timers and input waiting for ever.
 * Every piece of work is counted; the clock is read so often that a slice is overrun by little, however long a piece takes.
 */
class Turn {
  #run = 8;
  #remaining = this.#run;
  #checked = 0;
  #started = 0;
  /**
   * Callbacks that go on after the event loop had its turn, one by one: those that have used up a slice come after
   * all that had none.
   */
  readonly #queue: (() => void)[] = [];
  #isScheduled = false;
  /** Somebody rests already: so does whoever asks next. */
  #isSpent = false;
  /** Whom the latest promise wakes, and what does it. */
  #next: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  /** Number of turns of the event loop that somebody waited for. */
  turnsTaken = 0;

  /** Counts a piece of work. True when the caller must wait for `next()` before it goes on. */
  spend(work = 1): boolean {
    this.#remaining -= work;
    return this.#remaining <= 0 && this.#check();
  }

  /** Resolves once the event loop has had its turn, after those who go on before. */
  next(): Promise<void> {
    if (requestsAreApart()) return new Promise((resolve) => this.resume(resolve));
    // whoever came meanwhile is not overtaken
    if (this.#next === undefined || this.#queue.at(-1) !== this.#wake) this.#next = new Promise(this.#await);
    return this.#next;
  }

  readonly #await = (resolve: () => void): void => {
    const wake = () => {
      if (this.#wake === wake) this.#next = this.#wake = undefined;
      resolve();
      // those who wait go on in microtasks, which come after this: the slice is theirs
      if (this.#queue.length > 0) this.#schedule();
    };
    this.#wake = wake;
    this.resume(wake);
  };

  /** Calls back once the event loop has had its turn, and those who called before have had a slice. */
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
    this.#remaining = isSpent ? 1 : this.#run; // whoever asks next hears the same
    return isSpent;
  }
}

/** The turn of this place's event loop: one for all kernels that share it. */
export const turn = new Turn();

/** Most outcomes that are held back at a time: calls that nobody awaits would pile up. */
const MAX_DEFERRED = 1000;
let deferred = 0;

/** The same outcome once the event loop had its turn: whoever tries again and again must let others work. */
export function afterTurn<T>(outcome: Promise<T>): Promise<T> {
  return deferred < MAX_DEFERRED ? deferOutcome(outcome) : outcome;
}

async function deferOutcome<T>(outcome: Promise<T>): Promise<T> {
  outcome.catch(() => {}); // it is looked at later
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
 * workerd serves many requests on one event loop, and drops the timers and messages of a request that has ended: there each waiter
 * has a timer of its own, so that no request waits for what another one has set.
 */
function requestsAreApart(): boolean {
  return (globalThis as Host).navigator?.userAgent === "Cloudflare-Workers";
}

let known: ((callback: () => void) => void) | undefined;

/** Calls back when the event loop has had its turn. */
export function macrotask(callback: () => void): void {
  known ??= hostMacrotask(globalThis as unknown as Host); // nothing is made while modules are loaded
  known(callback);
}

function hostMacrotask({ setImmediate, MessageChannel }: Host): (callback: () => void) => void {
  if (requestsAreApart()) return (callback) => void setTimeout(callback, 0);
  if (typeof setImmediate === "function") return (callback) => setImmediate(callback);
  if (typeof MessageChannel !== "function") return (callback) => void setTimeout(callback, 0);
  // browsers: setTimeout is held back to 4 ms when nested, a message is not
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return (callback) => {
    waiting.push(callback);
    port2.postMessage(0);
  };
}
