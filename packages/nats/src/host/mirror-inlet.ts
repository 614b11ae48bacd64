import type { Inlet } from "@ringline/core/backend";
import {
  type AnyMessage,
  hasBuffers,
  LevelQueue,
  lendReferences,
  type Outcome,
  releaseReferences,
} from "@ringline/core/internal";
import { errorToWire, UnreadableMessage, unreadable } from "@ringline/remote";
import { type MessageItem, REDELIVERY, WAITING } from "../wire/items.js";
import type { ReliableLink } from "../wire/reliable-link.js";

/** A message for a kernel here, from its arrival until it is settled. */
interface Mirrored {
  readonly key: number;
  readonly message: AnyMessage;
  attempts: number;
  /** Error of a body that cannot be decoded. */
  readonly fault: UnreadableMessage | undefined;
}

/** Input of a kernel at its host: mirrors the queue at the runtime, and reports which messages it took. */
export class MirrorInlet implements Inlet {
  readonly #unit: number;
  /** Maximum number of queued messages; each take admits one parked message. */
  readonly #capacity: number;
  readonly #dropsOldest: boolean;
  readonly #kernelId: string;
  readonly #notify: (k: string, more: object) => void;
  readonly #link: ReliableLink;
  #queue = new LevelQueue<Mirrored>();
  #redeliveries: Mirrored[] = [];
  /** Parked messages, first come, first served. */
  #parked: Mirrored[] = [];
  /** The first message in flight; usually there is only one. */
  #one: Mirrored | undefined;
  readonly #others = new Map<AnyMessage, Mirrored>();
  #isOpen = false;
  #reader: (() => void) | undefined;

  constructor(
    { unit, capacity, dropsOldest, id }: { unit: number; capacity: number; dropsOldest: boolean; id: string },
    tell: (k: string, more: object) => void,
    line: ReliableLink,
  ) {
    this.#unit = unit;
    this.#capacity = capacity;
    this.#dropsOldest = dropsOldest;
    this.#kernelId = id;
    this.#notify = tell;
    this.#link = line;
  }

  /** Handles an arrived message. `decode`: throws for invalid data, and `UnreadableMessage`. */
  arrive({ key, how, attempts }: MessageItem, decode: () => AnyMessage): void {
    const one = mirrored(key, attempts, decode);
    if (how === REDELIVERY) this.#redeliveries.push(one);
    else if (how === WAITING) {
      this.#parked.push(one);
      this.#admit(); // the runtime had no capacity for it; by now there may be some
    } else {
      if (this.#dropsOldest && this.#queue.size >= this.#capacity) this.#drop();
      this.#queue.push(one, one.message.priority, 0);
    }
    this.#wake();
  }

  #drop(): void {
    const { key, message } = this.#queue.takeLowest() as Mirrored;
    this.#notify("dropped", { key });
    if (hasBuffers) releaseReferences(message);
  }

  /** Discards the parked messages and reports this immediately: later takes admit none here. */
  unpark(): void {
    this.#parked = [];
    this.#notify("unparked", {});
  }

  #admit(): void {
    while (this.#parked.length > 0 && this.#queue.size < this.#capacity) {
      const one = this.#parked.shift() as Mirrored;
      this.#queue.push(one, one.message.priority, 0);
    }
  }

  gate(open: boolean): void {
    this.#isOpen = open;
    this.#wake();
  }

  clear(): void {
    this.#empty();
    this.unpark();
  }

  /** Discards the queued messages. */
  #empty(): void {
    const queued = this.#redeliveries;
    for (let one = this.#queue.takeHighest(); one !== undefined; one = this.#queue.takeHighest()) queued.push(one);
    this.#redeliveries = [];
    if (hasBuffers) for (const { message } of queued) releaseReferences(message);
  }

  /** Releases the buffers of all messages after the kernel ended; the runtime keeps the messages in flight. */
  close(): void {
    this.#empty();
    if (hasBuffers)
      for (const { message } of [...this.#others.values(), ...(this.#one ? [this.#one] : [])])
        releaseReferences(message);
  }

  tryTake(): AnyMessage | undefined {
    while (this.#isOpen) {
      const one = this.#redeliveries.pop() ?? this.#queue.takeHighest();
      if (one === undefined) return undefined;
      if (one.fault === undefined) return this.#take(one);
      this.#notify("unreadable", { key: one.key, error: errorToWire(unreadable(one.fault, this.#kernelId)) });
      if (this.#parked.length > 0) this.#admit();
    }
    return undefined;
  }

  #take(one: Mirrored): AnyMessage {
    const { key, message } = one;
    if (this.#one === undefined) this.#one = one;
    else this.#others.set(message, one);
    this.#link.took(this.#unit, key);
    if (this.#parked.length > 0) this.#admit();
    return message;
  }

  #inFlightOf(message: AnyMessage): Mirrored | undefined {
    return this.#one?.message === message ? this.#one : this.#others.get(message);
  }

  whenReadable(callback: () => void): void {
    this.#reader = callback;
    this.#wake();
  }

  settle(message: AnyMessage, outcome: Outcome, attempts = 0): boolean {
    const one = this.#inFlightOf(message);
    if (one === undefined) return false;
    if (one === this.#one) this.#one = undefined;
    else this.#others.delete(message);
    if (outcome === "done") this.#link.done(this.#unit, one.key);
    else this.#notify("settled", { key: one.key, outcome, attempts });
    if (outcome === "requeued") {
      one.attempts = attempts;
      this.#redeliveries.push(one);
      this.#wake();
    } else if (outcome === "done" && hasBuffers) {
      releaseReferences(message); // a dead letter is done once it is reported
    }
    return true;
  }

  attemptsOf(message: AnyMessage): number {
    return this.#inFlightOf(message)?.attempts ?? 0;
  }

  /** Key of a message in flight at the runtime. */
  keyOf(message: AnyMessage): number | undefined {
    return this.#inFlightOf(message)?.key;
  }

  #wake(): void {
    if (this.#reader === undefined || !this.#isOpen || this.#queue.size + this.#redeliveries.length === 0) return;
    const reader = this.#reader;
    this.#reader = undefined;
    reader();
  }
}

function mirrored(key: number, attempts: number, decode: () => AnyMessage): Mirrored {
  try {
    const message = decode();
    if (hasBuffers) lendReferences(message); // a receiver has its buffers through the message
    return { key, message, attempts, fault: undefined };
  } catch (fault) {
    if (!(fault instanceof UnreadableMessage)) throw fault;
    return { key, message: fault.header, attempts, fault };
  }
}
