import type { AnyRinglineError } from "../errors/ringline-error.js";
import { errors } from "../errors/ringline-error.js";
import type { ErrorCode } from "../errors/table.js";
import type { AnyRef } from "../kernels/address.js";
import type { Header } from "../messages/header.js";
import type { WaitOptions } from "../time/wait-options.js";

/** A message that could not be processed, and why. */
export interface DeadLetter {
  readonly message: Header;
  readonly reason: ErrorCode;
  readonly error: AnyRinglineError;
  readonly kernelId: string;
  readonly stage: string | null;
  /** How often the kernel tried; 0 when it was never processed. */
  readonly attempts: number;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface WhichLetters {
  readonly kernelId?: string;
  readonly reason?: ErrorCode;
}

/** The dead letters of a runtime. Bounded: the oldest fall off. `for await` takes letters as they come, until dispose. */
export interface DeadLetters extends AsyncIterable<DeadLetter> {
  readonly size: number;
  /** How many fell off because the store was full. */
  readonly evicted: number;
  /** Looks at letters, oldest first, and leaves them. */
  peek(which?: WhichLetters): readonly DeadLetter[];
  /** Takes letters out, oldest first. */
  take(which?: WhichLetters): DeadLetter[];
  /**
   * Sends them again, in order, to where they failed or to another kernel; those that are accepted leave the store.
   * Resolves to how many were accepted; stops at the first that is not, and rejects with the reason if it was the first.
   */
  replay(letters: readonly DeadLetter[], options?: WaitOptions & { readonly to?: string | AnyRef }): Promise<number>;
}

interface Taker {
  readonly iterator: object;
  readonly take: (result: IteratorResult<DeadLetter>) => void;
}

type Send = (to: string | AnyRef, message: Header, wait: WaitOptions) => Promise<void>;

export class DeadLetterStore implements DeadLetters {
  readonly #limit: number;
  readonly #send: Send;
  /** In the order of arrival. */
  readonly #letters = new Set<DeadLetter>();
  /** Iterators that wait for a letter, first come, first served. */
  readonly #takers: Taker[] = [];
  #isClosed = false;
  evicted = 0;

  constructor(limit: number, send: Send) {
    if (!(Number.isSafeInteger(limit) && limit >= 1)) {
      throw new errors.INVALID_ARGUMENT({ argument: "deadLetterLimit", value: limit });
    }
    this.#limit = limit;
    this.#send = send;
  }

  get size(): number {
    return this.#letters.size;
  }

  add(letter: DeadLetter): void {
    const taker = this.#takers.shift();
    if (taker !== undefined) {
      taker.take({ done: false, value: letter });
      return;
    }
    this.#letters.add(letter);
    if (this.#letters.size <= this.#limit) return;
    for (const oldest of this.#letters) {
      this.#letters.delete(oldest);
      this.evicted++;
      return;
    }
  }

  peek(which: WhichLetters = {}): readonly DeadLetter[] {
    for (const [argument, value] of Object.entries(which)) {
      if (argument !== "kernelId" && argument !== "reason") {
        throw new errors.INVALID_ARGUMENT(
          { argument, value },
          { remedy: "Letters are chosen by `kernelId` and `reason`." },
        );
      }
    }
    const { kernelId, reason } = which;
    return [...this.#letters].filter(
      (letter) =>
        (kernelId === undefined || letter.kernelId === kernelId) && (reason === undefined || letter.reason === reason),
    );
  }

  take(which?: WhichLetters): DeadLetter[] {
    const taken = [...this.peek(which)];
    for (const letter of taken) this.#letters.delete(letter);
    return taken;
  }

  async replay(
    letters: readonly DeadLetter[],
    { to, ...wait }: WaitOptions & { readonly to?: string | AnyRef } = {},
  ): Promise<number> {
    let accepted = 0;
    if (!Array.isArray(letters)) {
      throw new errors.INVALID_ARGUMENT(
        { argument: "letters", value: letters },
        { remedy: "Pass a list of dead letters, such as `peek()` gives." },
      );
    }
    for (const letter of letters) {
      try {
        await this.#send(to ?? letter.kernelId, letter.message, wait);
      } catch (error) {
        if (accepted === 0) throw error;
        return accepted;
      }
      this.#letters.delete(letter);
      accepted++;
    }
    return accepted;
  }

  [Symbol.asyncIterator](): AsyncIterator<DeadLetter> {
    const iterator = {};
    return {
      next: () => {
        for (const letter of this.#letters) {
          this.#letters.delete(letter);
          return Promise.resolve({ done: false, value: letter });
        }
        if (this.#isClosed) return Promise.resolve({ done: true, value: undefined });
        return new Promise((take) => this.#takers.push({ iterator, take }));
      },
      return: async () => {
        this.#withdraw((taker) => taker.iterator === iterator);
        return { done: true, value: undefined };
      },
    };
  }

  close(): void {
    this.#isClosed = true;
    this.#withdraw(() => true);
  }

  #withdraw(which: (taker: Taker) => boolean): void {
    const leaving = this.#takers.filter(which);
    for (const taker of leaving) {
      this.#takers.splice(this.#takers.indexOf(taker), 1);
      taker.take({ done: true, value: undefined });
    }
  }
}
