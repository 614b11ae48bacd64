import type { Inlet } from "@ringline/core/backend";
import { type AnyMessage, LevelQueue, lend, type Outcome, release, systemClock } from "@ringline/core/internal";
import type { Book } from "../wire/book.js";
import type { Line } from "../wire/line.js";
import { fromWire, type WireMessage } from "../wire/message.js";
import type { Put } from "../wire/put.js";

/** The input of a kernel at its host: it mirrors what is queued at the runtime, and says what it took. */
export class MirrorInlet implements Inlet {
  readonly #unit: number;
  readonly #capacity: number;
  readonly #line: Line;
  readonly #book: Book;
  #queue = new LevelQueue<Put>();
  #again: Put[] = [];
  /** Who waits for room, first come, first served. */
  #parked: Put[] = [];
  /** In hand: mostly one at a time. */
  #one: Put | undefined;
  readonly #others = new Map<AnyMessage, Put>();
  #isOpen = false;
  #reader: (() => void) | undefined;

  /** `capacity`: messages that may be queued; of those that wait, one comes in for each that goes. */
  constructor(unit: number, capacity: number, line: Line, book: Book) {
    this.#unit = unit;
    this.#capacity = capacity;
    this.#line = line;
    this.#book = book;
  }

  put(put: Put, isAgain: boolean, limit: number | undefined): void {
    came(put);
    if (isAgain) {
      this.#again.push(put);
    } else {
      if (limit !== undefined && this.#queue.size >= limit) {
        const dropped = this.#queue.takeLowest() as Put;
        this.#line.tell("dropped", this.#unit, dropped.key);
      }
      this.#queue.push(put, put.priority, 0);
    }
    this.#wake();
  }

  /** Where it found no room. There may be some by now. */
  park(put: Put): void {
    came(put);
    this.#parked.push(put);
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
      const put = this.#parked.shift() as Put;
      this.#queue.push(put, put.priority, 0);
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
    const put = this.#again.pop() ?? this.#queue.takeHighest();
    if (put === undefined) return undefined;
    const message = put.message ?? this.#read(put);
    put.message = message;
    this.#hold(put, message);
    this.#line.took(this.#unit, put.key);
    if (this.#parked.length > 0) this.#admit();
    return message;
  }

  #read({ wire, arrivedAt }: Put): AnyMessage {
    const waited = arrivedAt === 0 ? 0 : systemClock.now() - arrivedAt;
    const message = fromWire(wire as WireMessage, this.#book, systemClock, waited);
    if (wire?.body.buffers !== undefined) lend(message); // whoever has it in hand has it by the message
    return message;
  }

  #hold(put: Put, message: AnyMessage): void {
    if (this.#one === undefined) this.#one = put;
    else this.#others.set(message, put);
  }

  #held(message: AnyMessage): Put | undefined {
    return this.#one?.message === message ? this.#one : this.#others.get(message);
  }

  whenReadable(callback: () => void): void {
    this.#reader = callback;
    this.#wake();
  }

  settle(message: AnyMessage, outcome: Outcome, attempts = 0): boolean {
    const put = this.#held(message);
    if (put === undefined) return false;
    if (put === this.#one) this.#one = undefined;
    else this.#others.delete(message);
    if (outcome === "done") this.#line.done(this.#unit, put.key);
    else this.#line.tell("settled", this.#unit, put.key, outcome, attempts);
    if (outcome === "requeued") {
      put.attempts = attempts;
      this.#again.push(put);
      this.#wake();
    } else if (put.wire?.body.buffers !== undefined) {
      release(message);
    }
    return true;
  }

  attemptsOf(message: AnyMessage): number {
    return this.#held(message)?.attempts ?? 0;
  }

  /** How the runtime knows what is in hand. */
  keyOf(message: AnyMessage): number | undefined {
    return this.#held(message)?.key;
  }

  #wake(): void {
    if (this.#reader === undefined || !this.#isOpen || this.#queue.size + this.#again.length === 0) return;
    const reader = this.#reader;
    this.#reader = undefined;
    reader();
  }
}

function came(put: Put): void {
  if (put.wire !== undefined && put.wire.left !== Number.POSITIVE_INFINITY) put.arrivedAt = systemClock.now();
}
