import { errors } from "../errors/ringline-error.js";
import type { AnyRef } from "../kernels/address.js";
import type { Header } from "../messages/header.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { DeadLetter, DeadLetters, WhichLetters } from "./dead-letters.js";

interface Taker {
  readonly iterator: object;
  readonly take: (result: IteratorResult<DeadLetter>) => void;
}

type Send = (to: string | AnyRef, message: Header, wait: WaitOptions) => Promise<void>;

/** The letters of one runtime, in memory. */
export class DeadLetterStore implements DeadLetters {
  readonly #limit: number;
  readonly #send: Send;
  /** In the order of arrival. */
  readonly #letters = new Set<DeadLetter>();
  /** Iterators that wait for a letter, first come, first served. */
  readonly #takers: Taker[] = [];
  /** Letters that are being sent again. */
  readonly #leaving = new Set<DeadLetter>();
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
    const taken = this.peek(which).filter((letter) => !this.#leaving.has(letter));
    for (const letter of taken) this.#letters.delete(letter);
    return taken;
  }

  async replay(
    letters: readonly DeadLetter[],
    { to, ...wait }: WaitOptions & { readonly to?: string | AnyRef } = {},
  ): Promise<number> {
    const claimed = [...checked(letters)].filter((letter) => !this.#leaving.has(letter));
    for (const letter of claimed) this.#leaving.add(letter);
    let accepted = 0;
    try {
      for (const letter of claimed) {
        await this.#sendAgain(letter, to, wait);
        accepted++;
      }
    } catch (error) {
      if (accepted === 0) throw error;
    } finally {
      for (const letter of claimed) this.#leaving.delete(letter);
      this.#offer();
    }
    return accepted;
  }

  async #sendAgain(letter: DeadLetter, to: string | AnyRef | undefined, wait: WaitOptions): Promise<void> {
    if (to === undefined && letter.reason === "LATE_REPLY") {
      throw new errors.INVALID_ARGUMENT(
        { argument: "to", value: to },
        { kernelId: letter.kernelId, remedy: "A late reply came from this kernel: say in `to` who is to get it." },
      );
    }
    await this.#send(to ?? letter.kernelId, letter.message, wait);
    this.#letters.delete(letter);
  }

  /** To iterators that wait: what was refused is there again. */
  #offer(): void {
    while (this.#takers.length > 0) {
      const letter = this.#takeOldest();
      if (letter === undefined) return;
      this.#takers.shift()?.take({ done: false, value: letter });
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<DeadLetter> {
    const iterator = {};
    let isLeft = false;
    return {
      next: () => {
        const letter = isLeft ? undefined : this.#takeOldest();
        if (letter !== undefined) return Promise.resolve({ done: false, value: letter });
        if (isLeft || this.#isClosed) return Promise.resolve({ done: true, value: undefined });
        return new Promise((take) => this.#takers.push({ iterator, take }));
      },
      return: async () => {
        isLeft = true;
        this.#withdraw((taker) => taker.iterator === iterator);
        return { done: true, value: undefined };
      },
    };
  }

  #takeOldest(): DeadLetter | undefined {
    for (const letter of this.#letters) {
      if (this.#leaving.has(letter)) continue;
      this.#letters.delete(letter);
      return letter;
    }
    return undefined;
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

/** Each once. Throws `INVALID_ARGUMENT` for what are no letters. */
function checked(letters: readonly DeadLetter[]): ReadonlySet<DeadLetter> {
  const isLetter = (letter: DeadLetter | null) => typeof letter === "object" && typeof letter?.kernelId === "string";
  if (Array.isArray(letters) && letters.every(isLetter)) return new Set(letters);
  throw new errors.INVALID_ARGUMENT(
    { argument: "letters", value: letters },
    { remedy: "Pass a list of dead letters, such as `peek()` gives." },
  );
}
