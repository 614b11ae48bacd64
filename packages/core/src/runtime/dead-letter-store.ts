import { buffersOf, giveReferences, hasBuffers, releaseReferences } from "../buffers/references.js";
import { errors } from "../errors/ringline-error.js";
import type { AnyRef } from "../kernels/address.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { Header } from "../messages/header.js";
import { type Clock, systemClock } from "../time/clock.js";
import { checkLimits, checkWait, limited, remaining, type WaitOptions } from "../time/wait-options.js";
import type { DeadLetter, DeadLetterFilter, DeadLetters } from "./dead-letters.js";

/** Maximum bytes of shared buffers to which stored dead letters may hold references. */
const MOST_BYTES = 256 * 1024 * 1024;

/** The place where dead letters outlive the program. */
export interface LetterLog {
  /** Dead letters of earlier programs, the oldest first. */
  readonly found: readonly DeadLetter[];
  /**
   * `stored`: called once the dead letter is stored or need not be stored any more; never if another program has taken the
   * log over.
   */
  add(letter: DeadLetter, stored: (() => void) | undefined): void;
  remove(letter: DeadLetter): void;
  /** Resolves when all changes so far are stored. Rejects once another program has taken the log over. */
  kept(): Promise<void>;
  /** Resolves once another program has taken the log over, to the dead letters that it has found. */
  taken(): Promise<readonly DeadLetter[]>;
}

interface DeadLetterReader {
  readonly iterator: object;
  readonly matches: DeadLetterPredicate;
  readonly take: (result: IteratorResult<DeadLetter>) => void;
}

/** Selects the dead letters of a view. */
type DeadLetterPredicate = (deadLetter: DeadLetter) => boolean;

type Send = (to: string | AnyRef, message: Header, wait: WaitOptions) => Promise<void>;

/** Sends the message of one dead letter again. */
export type Replay = (message: Header, wait: WaitOptions) => Promise<void>;

/** The dead letters of one runtime, in memory; with a keeper, in its log as well. */
export class DeadLetterStore implements DeadLetters {
  readonly #limit: number;
  readonly #send: Send;
  readonly #clock: Clock;
  readonly #replayTarget: (deadLetter: DeadLetter) => Replay | undefined;
  readonly #openKept: (() => Promise<LetterLog>) | undefined;
  #opening: Promise<void> | undefined;
  #kept: LetterLog | undefined;
  /** Dead letters of earlier programs, by message and stage or kernel: the same message may fail there again. */
  readonly #found = new Map<string, DeadLetter>();
  /** Dead letters in the order of arrival. */
  readonly #letters = new Set<DeadLetter>();
  /** Iterators that wait for a dead letter, first come, first served. */
  readonly #takers: DeadLetterReader[] = [];
  /** Dead letters whose replay is under way. */
  readonly #replaying = new Set<DeadLetter>();
  readonly #views = new Set<DeadLetterView>();
  /** Bytes of the buffers of the stored dead letters. */
  #bytes = 0;
  #isClosed = false;
  evicted = 0;

  /**
   * `replayTarget`: returns the replay of a dead letter that does not go back to its kernel, undefined for one that does.
   * Throws `INVALID_ARGUMENT` for dead letters that cannot be replayed without a target. `openKept`: opens the log.
   */
  constructor(
    limit: number,
    send: Send,
    replayTarget: (deadLetter: DeadLetter) => Replay | undefined = () => undefined,
    clock: Clock = systemClock,
    openKept?: () => Promise<LetterLog>,
  ) {
    if (!(Number.isSafeInteger(limit) && limit >= 1)) {
      throw new errors.INVALID_ARGUMENT({ argument: "deadLetterLimit", value: limit });
    }
    this.#limit = limit;
    this.#send = send;
    this.#replayTarget = replayTarget;
    this.#clock = clock;
    this.#openKept = openKept;
  }

  /**
   * Adds the dead letters of earlier programs, and stores those that come. Returns undefined if that is done, or nothing
   * keeps dead letters. A failed call is repeated by the next one.
   */
  open(): Promise<void> | undefined {
    if (this.#kept !== undefined || this.#openKept === undefined) return undefined;
    if (this.#opening === undefined) {
      this.#opening = this.#openKept().then((kept) => this.#begin(kept));
      this.#opening.catch(() => {
        this.#opening = undefined;
      });
    }
    return this.#opening;
  }

  #begin(kept: LetterLog): void {
    this.#kept = kept;
    const before = [...this.#letters];
    this.#letters.clear();
    for (const letter of kept.found) {
      this.#found.set(keyOf(letter), letter);
      this.#hold(letter);
    }
    for (const letter of before) {
      this.#letters.add(letter);
      kept.add(letter, undefined);
    }
    this.#offer();
    void kept.taken().then((taken) => {
      for (const letter of taken) this.#drop(letter);
    });
  }

  async kept(options: WaitOptions = {}): Promise<void> {
    checkWait(options, "kept");
    const stored = async () => {
      await this.open();
      await this.#kept?.kept();
    };
    await limited(stored(), options, this.#clock, "kept");
  }

  get size(): number {
    return this.#letters.size;
  }

  /**
   * `isKept`: false for a dead letter that is not for the next program. `stored`: called once the next program finds the
   * dead letter, or once it has left; given for messages that may fail once more in that program.
   */
  add(deadLetter: DeadLetter, isKept = true, stored?: () => void): void {
    const taker = this.#takers.findIndex(({ matches }) => matches(deadLetter));
    if (taker >= 0) {
      if (hasBuffers) giveReferences(deadLetter.message as AnyMessage);
      this.#takers.splice(taker, 1)[0]?.take({ done: false, value: deadLetter });
      stored?.();
      return;
    }
    void deadLetter.error.stack; // reading formats the stack; until then engines retain what its functions reference
    if (stored !== undefined && this.#found.size > 0) this.#replace(deadLetter);
    if (isKept && this.#kept !== undefined) this.#kept.add(deadLetter, stored);
    else stored?.();
    this.#hold(deadLetter);
  }

  /** Drops the dead letter that an earlier program made of the same message. */
  #replace(deadLetter: DeadLetter): void {
    const before = this.#found.get(keyOf(deadLetter));
    if (before !== undefined && !this.#replaying.has(before)) this.#drop(before);
  }

  #hold(deadLetter: DeadLetter): void {
    this.#letters.add(deadLetter);
    if (hasBuffers) this.#bytes += bytesOf(deadLetter);
    for (const oldest of this.#letters) {
      if (this.#letters.size <= this.#limit && this.#bytes <= MOST_BYTES) return;
      if (oldest === deadLetter) return;
      if (!this.#replaying.has(oldest)) this.#evict(oldest); // not during its replay
    }
  }

  #evict(deadLetter: DeadLetter): void {
    this.#drop(deadLetter);
    this.evicted++;
    for (const part of this.#views) if (part.matches(deadLetter)) part.evicted++;
  }

  #drop(deadLetter: DeadLetter): boolean {
    if (!this.#remove(deadLetter)) return false;
    if (hasBuffers) releaseReferences(deadLetter.message as AnyMessage);
    return true;
  }

  /** Returns false if the dead letter is no longer in the store. */
  #remove(deadLetter: DeadLetter): boolean {
    if (!this.#letters.delete(deadLetter)) return false;
    this.#kept?.remove(deadLetter);
    if (this.#found.size > 0) this.#found.delete(keyOf(deadLetter));
    if (hasBuffers) this.#bytes -= bytesOf(deadLetter);
    return true;
  }

  peek(which: DeadLetterFilter = {}): readonly DeadLetter[] {
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
      (deadLetter) =>
        (kernelId === undefined || deadLetter.kernelId === kernelId) &&
        (reason === undefined || deadLetter.reason === reason),
    );
  }

  /** Opens a view of the dead letters that match, with the interface of a store. */
  view(wants: DeadLetterPredicate): DeadLetterView {
    const part = new DeadLetterView(this, wants);
    this.#views.add(part);
    return part;
  }

  /** Closes a view: its evictions are no longer counted. */
  forget(part: DeadLetterView): void {
    this.#views.delete(part);
  }

  take(which?: DeadLetterFilter, wants: DeadLetterPredicate = all): DeadLetter[] {
    const taken = this.peek(which).filter((deadLetter) => wants(deadLetter) && !this.#replaying.has(deadLetter));
    for (const deadLetter of taken) {
      this.#remove(deadLetter);
      if (hasBuffers) giveReferences(deadLetter.message as AnyMessage);
    }
    return taken;
  }

  discard(deadLetters: readonly DeadLetter[]): number {
    const isDiscarded = (deadLetter: DeadLetter) => !this.#replaying.has(deadLetter) && this.#drop(deadLetter);
    return [...checked(deadLetters)].filter(isDiscarded).length;
  }

  async replay(
    deadLetters: readonly DeadLetter[],
    options: WaitOptions & { readonly to?: string | AnyRef } = {},
  ): Promise<number> {
    checkLimits(options, "replay");
    const { to } = options;
    const left = remaining(options, this.#clock);
    const claimed = [...checked(deadLetters)].filter((deadLetter) => !this.#replaying.has(deadLetter));
    for (const deadLetter of claimed) this.#replaying.add(deadLetter);
    let accepted = 0;
    try {
      // a dead letter that cannot be replayed is rejected before any is sent
      const targets = claimed.map((deadLetter) => this.#targetOf(deadLetter, to));
      for (const [i, deadLetter] of claimed.entries()) {
        await targets[i]?.(deadLetter.message, left());
        this.#drop(deadLetter);
        accepted++;
      }
    } catch (error) {
      if (accepted === 0) throw error;
    } finally {
      for (const deadLetter of claimed) this.#replaying.delete(deadLetter);
      this.#offer();
    }
    return accepted;
  }

  #targetOf(deadLetter: DeadLetter, to: string | AnyRef | undefined): Replay {
    if (to === undefined && deadLetter.reason === "LATE_REPLY") {
      throw new errors.INVALID_ARGUMENT(
        { argument: "to", value: to },
        {
          kernelId: deadLetter.kernelId,
          remedy: "The message is a late reply of this kernel: pass `to` to name its receiver.",
        },
      );
    }
    const back = to === undefined ? this.#replayTarget(deadLetter) : undefined;
    return back ?? ((message, wait) => this.#send(to ?? deadLetter.kernelId, message, wait));
  }

  /** Offers dead letters whose replay failed to waiting iterators. */
  #offer(): void {
    for (const taker of [...this.#takers]) {
      const deadLetter = this.#takeOldest(taker.matches);
      if (deadLetter === undefined) continue;
      this.#takers.splice(this.#takers.indexOf(taker), 1);
      taker.take({ done: false, value: deadLetter });
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<DeadLetter> {
    return this.iterate(all);
  }

  iterate(wants: DeadLetterPredicate): AsyncIterator<DeadLetter> {
    const iterator = {};
    let isLeft = false;
    return {
      next: () => {
        const deadLetter = isLeft ? undefined : this.#takeOldest(wants);
        if (deadLetter !== undefined) return Promise.resolve({ done: false, value: deadLetter });
        if (isLeft || this.#isClosed) return Promise.resolve({ done: true, value: undefined });
        return new Promise((take) => this.#takers.push({ iterator, matches: wants, take }));
      },
      return: async () => {
        isLeft = true;
        this.#withdraw((taker) => taker.iterator === iterator);
        return { done: true, value: undefined };
      },
    };
  }

  #takeOldest(wants: DeadLetterPredicate): DeadLetter | undefined {
    for (const deadLetter of this.#letters) {
      if (this.#replaying.has(deadLetter) || !wants(deadLetter)) continue;
      this.#remove(deadLetter);
      if (hasBuffers) giveReferences(deadLetter.message as AnyMessage);
      return deadLetter;
    }
    return undefined;
  }

  close(): void {
    this.#isClosed = true;
    this.#withdraw(() => true);
  }

  #withdraw(which: (taker: DeadLetterReader) => boolean): void {
    const leaving = this.#takers.filter(which);
    for (const taker of leaving) {
      this.#takers.splice(this.#takers.indexOf(taker), 1);
      taker.take({ done: true, value: undefined });
    }
  }
}

const all: DeadLetterPredicate = () => true;

/** By the stage, as another worker may get the message in the next program. */
const keyOf = ({ message, stage, kernelId }: DeadLetter): string => `${message.messageId} ${stage ?? kernelId}`;

const bytesOf = ({ message }: DeadLetter): number =>
  buffersOf(message as AnyMessage).reduce((bytes, { byteLength }) => bytes + byteLength, 0);

/** A part of a store; dead letters taken or replayed through a view leave the whole store. */
export class DeadLetterView implements DeadLetters {
  readonly #store: DeadLetterStore;
  readonly matches: DeadLetterPredicate;
  evicted = 0;

  constructor(store: DeadLetterStore, wants: DeadLetterPredicate) {
    this.#store = store;
    this.matches = wants;
  }

  get size(): number {
    return this.peek().length;
  }

  peek(which?: DeadLetterFilter): readonly DeadLetter[] {
    return this.#store.peek(which).filter(this.matches);
  }

  take(which?: DeadLetterFilter): DeadLetter[] {
    return this.#store.take(which, this.matches);
  }

  discard(deadLetters: readonly DeadLetter[]): number {
    return this.#store.discard(deadLetters);
  }

  replay(...replayed: Parameters<DeadLetters["replay"]>): Promise<number> {
    return this.#store.replay(...replayed);
  }

  kept(options?: WaitOptions): Promise<void> {
    return this.#store.kept(options);
  }

  [Symbol.asyncIterator](): AsyncIterator<DeadLetter> {
    return this.#store.iterate(this.matches);
  }
}

/** Removes duplicates. Throws `INVALID_ARGUMENT` for values that are not dead letters. */
function checked(deadLetters: readonly DeadLetter[]): ReadonlySet<DeadLetter> {
  const isLetter = (deadLetter: DeadLetter | null) =>
    typeof deadLetter === "object" && typeof deadLetter?.kernelId === "string";
  if (Array.isArray(deadLetters) && deadLetters.every(isLetter)) return new Set(deadLetters);
  throw new errors.INVALID_ARGUMENT(
    { argument: "letters", value: deadLetters },
    { remedy: "Pass a list of dead letters, such as `peek()` gives." },
  );
}
