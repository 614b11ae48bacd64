import { type AnyMessage, type Inlet, LevelQueue, type Outcome, systemClock } from "@ringline/core/backend";
import type { Book } from "../wire/book.js";
import type { Line } from "../wire/line.js";
import { fromWire, type WireMessage } from "../wire/message.js";

interface Queued {
  readonly key: number;
  /** As it came; undefined for one that was taken before. */
  readonly wire: WireMessage;
  readonly arrivedAt: number;
  attempts: number;
  message: AnyMessage | undefined;
}

/** The input of a kernel at its host: it mirrors what is queued at the runtime, and says what it took. */
export class MirrorInlet implements Inlet {
  readonly #unit: number;
  readonly #line: Line;
  readonly #book: Book;
  #queue = new LevelQueue<Queued>();
  #again: Queued[] = [];
  readonly #inHand = new Map<AnyMessage, Queued>();
  #isOpen = false;
  #reader: (() => void) | undefined;

  constructor(unit: number, line: Line, book: Book) {
    this.#unit = unit;
    this.#line = line;
    this.#book = book;
  }

  put(key: number, wire: WireMessage, attempts: number, isAgain: boolean, limit: number | undefined): void {
    const queued: Queued = { key, wire, arrivedAt: systemClock.now(), attempts, message: undefined };
    if (isAgain) {
      this.#again.push(queued);
    } else {
      if (limit !== undefined && this.#queue.size >= limit) {
        const dropped = this.#queue.takeLowest() as Queued;
        this.#line.tell("dropped", this.#unit, dropped.key);
      }
      this.#queue.push(queued, wire.priority, 0);
    }
    this.#wake();
  }

  gate(open: boolean): void {
    this.#isOpen = open;
    this.#wake();
  }

  clear(): void {
    this.#queue = new LevelQueue();
    this.#again = [];
  }

  tryTake(): AnyMessage | undefined {
    if (!this.#isOpen) return undefined;
    const queued = this.#again.pop() ?? this.#queue.takeHighest();
    if (queued === undefined) return undefined;
    queued.message ??= this.#read(queued);
    this.#inHand.set(queued.message, queued);
    this.#line.tell("took", this.#unit, queued.key);
    return queued.message;
  }

  #read({ wire, arrivedAt }: Queued): AnyMessage {
    const left = wire.left - (systemClock.now() - arrivedAt);
    return fromWire({ ...wire, left }, this.#book, systemClock);
  }

  whenReadable(callback: () => void): void {
    this.#reader = callback;
    this.#wake();
  }

  settle(message: AnyMessage, outcome: Outcome, attempts = 0): boolean {
    const queued = this.#inHand.get(message);
    if (queued === undefined) return false;
    this.#inHand.delete(message);
    this.#line.tell("settled", this.#unit, queued.key, outcome, attempts);
    if (outcome === "requeued") {
      queued.attempts = attempts;
      this.#again.push(queued);
      this.#wake();
    }
    return true;
  }

  attemptsOf(message: AnyMessage): number {
    return this.#inHand.get(message)?.attempts ?? 0;
  }

  /** How the runtime knows what is in hand. */
  keyOf(message: AnyMessage): number | undefined {
    return this.#inHand.get(message)?.key;
  }

  #wake(): void {
    if (this.#reader === undefined || !this.#isOpen || this.#queue.size + this.#again.length === 0) return;
    const reader = this.#reader;
    this.#reader = undefined;
    reader();
  }
}
