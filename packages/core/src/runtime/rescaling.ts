import { errors } from "../errors/ringline-error.js";
import type { Refused, Unsettled } from "../seam/port.js";
import { onAbort, unlessAborted } from "../time/on-abort.js";
import type { KernelInput, PlacedPort } from "./kernel-input.js";

/** The part of one kernel in a change of several. */
export interface Part {
  /** Called when the kernel is about to stop. */
  stopping(now: number): void;
  /**
   * Called when its last incarnation has ended: resolves to the state of the next one when all have stopped. `signal`:
   * aborts with the kernel. Never resolves for a kernel that leaves, which is to be terminated.
   */
  stopped(input: KernelInput, state: unknown, signal: AbortSignal): Promise<unknown>;
  /** Called when the next incarnation runs. Resolves when messages are dealt, to the number of those for this kernel. */
  begun(at: PlacedPort, refused: Refused): Promise<number>;
  /** Called when the kernel cannot take part. */
  failed(error: unknown): void;
}

/** The decisions of a rescaling. */
export interface Dealer {
  /** Deals the states of all kernels among those that stay. */
  states(all: readonly unknown[]): readonly unknown[];
  /** Called before queued messages are taken out. Senders wait once it has resolved. */
  hold(): Promise<void>;
  /** Returns the kernel that a queued message goes to. */
  choose(message: Unsettled, from: number): number;
  /** Called when senders that wait, and later ones, may choose among the kernels that stay. */
  resume(): Promise<void>;
}

interface Member {
  input: KernelInput;
  state: unknown;
  at: PlacedPort;
  refused: Refused;
}

/**
 * Kernels that change together: all stop, the first `staying` of them begin again, and only then their queued messages
 * are dealt. Until then, a failure of any leaves each of them where it was, with what it had.
 */
export class Rescaling {
  /** Clock time at which the first was told to stop. */
  since = Number.POSITIVE_INFINITY;
  /** Number of messages that were dealt. */
  messages = 0;
  readonly #staying: number;
  readonly #dealer: Dealer;
  readonly #members: Member[];
  readonly #stopped: Barrier;
  readonly #begun: Barrier;
  #states: readonly unknown[] = [];
  #counts: readonly number[] = [];

  constructor(size: number, staying: number, dealer: Dealer) {
    this.#staying = staying;
    this.#dealer = dealer;
    this.#members = Array.from({ length: size }, () => ({}) as Member);
    this.#stopped = new Barrier(size, async () => {
      this.#states = dealer.states(this.#members.map(({ state }) => state));
    });
    this.#begun = new Barrier(staying, () => this.#deal());
  }

  /** Resolves when the messages are dealt. Rejects with the error of the kernel that failed. */
  get dealt(): Promise<void> {
    return this.#begun.passed;
  }

  /** The part of the kernel at `index`; the last ones leave. */
  part(index: number): Part {
    const member = this.#members[index] as Member;
    return {
      stopping: (now) => {
        this.since = Math.min(this.since, now);
      },
      stopped: async (input, state, signal) => {
        Object.assign(member, { input, state });
        const forget = onAbort(signal, () => this.#fail(new errors.TERMINATED({ operation: "scale" })));
        await this.#stopped.arrive();
        if (index >= this.#staying) await unlessAborted(this.dealt.then(forEver), signal, () => {});
        void this.dealt.then(forget, forget);
        return this.#states[index];
      },
      begun: async (at, refused) => {
        Object.assign(member, { at, refused });
        await this.#begun.arrive();
        return this.#counts[index] as number;
      },
      failed: (error) => this.#fail(error),
    };
  }

  /** Ends the change, unless the messages are being dealt. */
  #fail(error: unknown): void {
    this.#stopped.fail(error);
    this.#begun.fail(error);
  }

  async #deal(): Promise<void> {
    const members = this.#members;
    await this.#dealer.hold();
    try {
      await this.#dealAll(members);
    } finally {
      await this.#dealer.resume();
    }
  }

  async #dealAll(members: readonly Member[]): Promise<void> {
    const queues = await Promise.all(members.map(({ input }) => input.leave(true)));
    const dealt = members.slice(0, this.#staying).map((): Unsettled[] => []);
    for (const [from, one] of inTurn(queues)) {
      this.messages++;
      dealt[this.#dealer.choose(one, from)]?.push(one);
    }
    const entered = dealt.map((queue, i) => {
      const { input, at, refused } = members[i] as Member;
      return input.enter(at, queue, refused);
    });
    const ended = members.slice(this.#staying).map(({ input }) => input.end());
    this.#counts = await Promise.all(entered);
    await Promise.all(ended);
  }
}

const forEver = () => new Promise<void>(() => {});

/** The first of each queue, then the second of each, …, with the index of the queue. */
function* inTurn<T>(queues: readonly (readonly T[])[]): Generator<readonly [number, T]> {
  const longest = Math.max(...queues.map(({ length }) => length));
  for (let i = 0; i < longest; i++) {
    for (const [from, queue] of queues.entries()) if (i < queue.length) yield [from, queue[i] as T];
  }
}

/** A point that all pass together. */
class Barrier {
  readonly passed: Promise<void>;
  readonly #act: () => Promise<void>;
  #missing: number;
  #settle!: (acted: Promise<void>) => void;

  constructor(size: number, act: () => Promise<void>) {
    this.#missing = size;
    this.#act = act;
    this.passed = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.passed.catch(() => {}); // those that have arrived handle it
  }

  arrive(): Promise<void> {
    if (--this.#missing === 0) this.#settle(this.#act());
    return this.passed;
  }

  fail(error: unknown): void {
    if (this.#missing > 0) this.#settle(Promise.reject(error));
    this.#missing = Number.NaN;
  }
}
