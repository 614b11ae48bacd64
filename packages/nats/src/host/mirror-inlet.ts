import {
  type AnyMessage,
  type Inlet,
  LevelQueue,
  lend,
  type Outcome,
  release,
  systemClock,
} from "@ringline/core/backend";
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
  readonly #capacity: number;
  readonly #line: Line;
  readonly #book: Book;
  #queue = new LevelQueue<Queued>();
  #again: Queued[] = [];
  /** Who waits for room, first come, first served. */
  #parked: Queued[] = [];
  readonly #inHand = new Map<AnyMessage, Queued>();
  #isOpen = false;
  #reader: (() => void) | undefined;

  /** `capacity`: messages that may be queued; of those that wait, one comes in for each that goes. */
  constructor(unit: number, capacity: number, line: Line, book: Book) {
    this.#unit = unit;
    this.#capacity = capacity;
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

  /** Where it found no room. There may be some by now. */
  park(key: number, wire: WireMessage): void {
    this.#parked.push({ key, wire, arrivedAt: systemClock.now(), attempts: 0, message: undefined });
    this.#admit();
    this.#wake();
  }

  /** Gives them back. That is told at once: what is taken from now on lets nobody in here. */
  unpark(): void {
    this.#parked = [];
    this.#line.tell("unparked", this.#unit);
  }

  #admit(): void {
    while (this.#parked.length > 0 && this.#queue.size < this.#capacity) {
      const queued = this.#parked.shift() as Queued;
      this.#queue.push(queued, queued.wire.priority, 0);
    }
  }

  gate(open: boolean): void {
    this.#isOpen = open;
    this.#wake();
  }

  clear(): void {
    this.#queue = new LevelQueue();
    this.#again = [];
    this.unpark();
  }

  tryTake(): AnyMessage | undefined {
    if (!this.#isOpen) return undefined;
    const queued = this.#again.pop() ?? this.#queue.takeHighest();
    if (queued === undefined) return undefined;
    const message = queued.message ?? this.#read(queued);
    queued.message = message;
    this.#inHand.set(message, queued);
    this.#line.took(this.#unit, queued.key);
    if (this.#parked.length > 0) this.#admit();
    return message;
  }

  #read({ wire, arrivedAt }: Queued): AnyMessage {
    const message = fromWire(wire, this.#book, systemClock, systemClock.now() - arrivedAt);
    if (wire.body.buffers !== undefined) lend(message); // whoever has it in hand has it by the message
    return message;
  }

  whenReadable(callback: () => void): void {
    this.#reader = callback;
    this.#wake();
  }

  settle(message: AnyMessage, outcome: Outcome, attempts = 0): boolean {
    const queued = this.#inHand.get(message);
    if (queued === undefined) return false;
    this.#inHand.delete(message);
    if (outcome === "done") this.#line.done(this.#unit, queued.key);
    else this.#line.tell("settled", this.#unit, queued.key, outcome, attempts);
    if (outcome === "requeued") {
      queued.attempts = attempts;
      this.#again.push(queued);
      this.#wake();
    } else if (queued.wire.body.buffers !== undefined) {
      release(message);
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
