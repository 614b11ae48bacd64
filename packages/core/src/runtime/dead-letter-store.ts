import { buffersOf, give, hasBuffers, release } from "../buffers/references.js";
import { errors } from "../errors/ringline-error.js";
import type { AnyRef } from "../kernels/address.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { Header } from "../messages/header.js";
import { type Clock, systemClock } from "../time/clock.js";
import { checkLimits, remaining, type WaitOptions } from "../time/wait-options.js";
import type { DeadLetter, DeadLetters, WhichLetters } from "./dead-letters.js";

/** Bytes of buffers that letters keep from being used again. */
const MOST_BYTES = 256 * 1024 * 1024;

interface Taker {
  readonly iterator: object;
  readonly wants: Wants;
  readonly take: (result: IteratorResult<DeadLetter>) => void;
}

/** Selects the dead letters of a part of the store. */
type Wants = (letter: DeadLetter) => boolean;

type Send = (to: string | AnyRef, message: Header, wait: WaitOptions) => Promise<void>;

/** Sends one letter's message again. */
export type SendAgain = (message: Header, wait: WaitOptions) => Promise<void>;

/** The letters of one runtime, in memory. */
export class DeadLetterStore implements DeadLetters {
  readonly #limit: number;
  readonly #send: Send;
  readonly #clock: Clock;
  readonly #wayBack: (letter: DeadLetter) => SendAgain | undefined;
  /** In the order of arrival. */
  readonly #letters = new Set<DeadLetter>();
  /** Iterators that wait for a letter, first come, first served. */
  readonly #takers: Taker[] = [];
  /** Letters that are being sent again. */
  readonly #leaving = new Set<DeadLetter>();
  readonly #parts = new Set<LettersPart>();
  /** Of the buffers of its letters. */
  #bytes = 0;
  #isClosed = false;
  evicted = 0;

  /** `wayBack`: of letters that no kernel left. Throws `INVALID_ARGUMENT` for those that cannot go back. */
  constructor(
    limit: number,
    send: Send,
    wayBack: (letter: DeadLetter) => SendAgain | undefined = () => undefined,
    clock: Clock = systemClock,
  ) {
    if (!(Number.isSafeInteger(limit) && limit >= 1)) {
      throw new errors.INVALID_ARGUMENT({ argument: "deadLetterLimit", value: limit });
    }
    this.#limit = limit;
    this.#send = send;
    this.#wayBack = wayBack;
    this.#clock = clock;
  }

  get size(): number {
    return this.#letters.size;
  }

  add(letter: DeadLetter): void {
    const taker = this.#takers.findIndex(({ wants }) => wants(letter));
    if (taker >= 0) {
      if (hasBuffers) give(letter.message as AnyMessage);
      this.#takers.splice(taker, 1)[0]?.take({ done: false, value: letter });
      return;
    }
    void letter.error.stack; // engines make it into text once it is read, and hold what the functions of the stack hold until then
    this.#letters.add(letter);
    if (hasBuffers) this.#bytes += bytesOf(letter);
    for (const oldest of this.#letters) {
      if (this.#letters.size <= this.#limit && this.#bytes <= MOST_BYTES) return;
      if (oldest === letter) return;
      if (!this.#leaving.has(oldest)) this.#evict(oldest); // else it is being sent again
    }
  }

  #evict(letter: DeadLetter): void {
    this.#remove(letter);
    if (hasBuffers) release(letter.message as AnyMessage);
    this.evicted++;
    for (const part of this.#parts) if (part.wants(letter)) part.evicted++;
  }

  /** False when it was not here any more. */
  #remove(letter: DeadLetter): boolean {
    if (!this.#letters.delete(letter)) return false;
    if (hasBuffers) this.#bytes -= bytesOf(letter);
    return true;
  }

  peek(which: WhichLetters = {}): readonly DeadLetter[] {
    if (typeof which !== "object" || which === null) {
      throw new errors.INVALID_ARGUMENT({ argument: "which", value: which });
    }
    for (const [argument, value] of Object.entries(which)) {
      if (argument !== "kernelId" && argument !== "reason") {
        throw new errors.INVALID_ARGUMENT(
          { argument, value },
          { remedy: "Select dead letters by `kernelId` and `reason`." },
        );
      }
    }
    const { kernelId, reason } = which;
    if (reason !== undefined && !Object.hasOwn(errors, reason)) {
      throw new errors.INVALID_ARGUMENT(
        { argument: "reason", value: reason },
        { remedy: 'The reason of a dead letter is an error code, such as "KERNEL_FAILED".' },
      );
    }
    return [...this.#letters].filter(
      (letter) =>
        (kernelId === undefined || letter.kernelId === kernelId) && (reason === undefined || letter.reason === reason),
    );
  }

  /** Some of the letters, to be looked at as a store of their own. */
  part(wants: Wants): LettersPart {
    const part = new LettersPart(this, wants);
    this.#parts.add(part);
    return part;
  }

  /** Counts no more for it. */
  forget(part: LettersPart): void {
    this.#parts.delete(part);
  }

  take(which?: WhichLetters, wants: Wants = all): DeadLetter[] {
    const taken = this.peek(which).filter((letter) => wants(letter) && !this.#leaving.has(letter));
    for (const letter of taken) {
      this.#remove(letter);
      if (hasBuffers) give(letter.message as AnyMessage);
    }
    return taken;
  }

  async replay(
    letters: readonly DeadLetter[],
    options: WaitOptions & { readonly to?: string | AnyRef } = {},
  ): Promise<number> {
    checkLimits(options, "replay");
    const { to } = options;
    const left = remaining(options, this.#clock);
    const claimed = [...checked(letters)].filter((letter) => !this.#leaving.has(letter));
    for (const letter of claimed) this.#leaving.add(letter);
    let accepted = 0;
    try {
      // a letter that cannot go back is refused before any is sent
      const ways = claimed.map((letter) => this.#wayOf(letter, to));
      for (const [i, letter] of claimed.entries()) {
        await ways[i]?.(letter.message, left());
        if (this.#remove(letter) && hasBuffers) release(letter.message as AnyMessage);
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

  #wayOf(letter: DeadLetter, to: string | AnyRef | undefined): SendAgain {
    if (to === undefined && letter.reason === "LATE_REPLY") {
      throw new errors.INVALID_ARGUMENT(
        { argument: "to", value: to },
        {
          kernelId: letter.kernelId,
          remedy: "The message is a late reply of this kernel: pass `to` to name its receiver.",
        },
      );
    }
    const back = to === undefined ? this.#wayBack(letter) : undefined;
    return back ?? ((message, wait) => this.#send(to ?? letter.kernelId, message, wait));
  }

  /** To iterators that wait: what was refused is there again. */
  #offer(): void {
    for (const taker of [...this.#takers]) {
      const letter = this.#takeOldest(taker.wants);
      if (letter === undefined) continue;
      this.#takers.splice(this.#takers.indexOf(taker), 1);
      taker.take({ done: false, value: letter });
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<DeadLetter> {
    return this.iterate(all);
  }

  iterate(wants: Wants): AsyncIterator<DeadLetter> {
    const iterator = {};
    let isLeft = false;
    return {
      next: () => {
        const letter = isLeft ? undefined : this.#takeOldest(wants);
        if (letter !== undefined) return Promise.resolve({ done: false, value: letter });
        if (isLeft || this.#isClosed) return Promise.resolve({ done: true, value: undefined });
        return new Promise((take) => this.#takers.push({ iterator, wants, take }));
      },
      return: async () => {
        isLeft = true;
        this.#withdraw((taker) => taker.iterator === iterator);
        return { done: true, value: undefined };
      },
    };
  }

  #takeOldest(wants: Wants): DeadLetter | undefined {
    for (const letter of this.#letters) {
      if (this.#leaving.has(letter) || !wants(letter)) continue;
      this.#remove(letter);
      if (hasBuffers) give(letter.message as AnyMessage);
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

const all: Wants = () => true;

const bytesOf = ({ message }: DeadLetter): number =>
  buffersOf(message as AnyMessage).reduce((bytes, { byteLength }) => bytes + byteLength, 0);

/** Part of a store: what it takes and sends again leaves the whole. */
export class LettersPart implements DeadLetters {
  readonly #store: DeadLetterStore;
  readonly wants: Wants;
  evicted = 0;

  constructor(store: DeadLetterStore, wants: Wants) {
    this.#store = store;
    this.wants = wants;
  }

  get size(): number {
    return this.peek().length;
  }

  peek(which?: WhichLetters): readonly DeadLetter[] {
    return this.#store.peek(which).filter(this.wants);
  }

  take(which?: WhichLetters): DeadLetter[] {
    return this.#store.take(which, this.wants);
  }

  replay(...replayed: Parameters<DeadLetters["replay"]>): Promise<number> {
    return this.#store.replay(...replayed);
  }

  [Symbol.asyncIterator](): AsyncIterator<DeadLetter> {
    return this.#store.iterate(this.wants);
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
