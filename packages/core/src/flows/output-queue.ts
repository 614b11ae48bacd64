import { giveReferences, hasBuffers, transferIfPresent, transferReferences } from "../buffers/references.js";
import type { AnyMessage } from "../messages/any-message.js";
import { Fifo } from "../ports/queues.js";
import { WaitList } from "../ports/wait-list.js";
import type { Inlet, Outlet } from "../seam/port.js";
import type { Clock } from "../time/clock.js";
import type { WaitOptions } from "../time/wait-options.js";

const ACCEPTED = Promise.resolve();

/** Observes outputs: their arrival, and how they end. */
export interface OutputObserver {
  arrived(message: AnyMessage): void;
  read(message: AnyMessage): void;
  discarded(message: AnyMessage): void;
}

/** Outputs of a flow that wait to be read: bounded, first in, first out regardless of priority. */
export class OutputQueue implements Outlet, Inlet {
  #capacity: number;
  readonly #queue = new Fifo<AnyMessage>();
  readonly #parked: WaitList<AnyMessage, void>;
  readonly #discard: (message: AnyMessage) => void;
  #reader: (() => void) | undefined;
  #low = -1;
  #onLow: (() => void) | undefined;
  #isClosed = false;
  readonly #observer: OutputObserver | undefined;
  /** Called when an input with this output queue is settled. */
  settled: (() => void) | undefined;
  /** Number of inputs in flight with this output queue, except those that stages send unprompted. */
  inputs = 0;

  /** `isMain`: read by `receive`, not by one `process`. `discard`: receives outputs that have no reader. */
  constructor(
    capacity: number,
    clock: Clock,
    flow: string,
    readonly isMain: boolean,
    discard: (message: AnyMessage) => void,
    watch: OutputObserver | undefined,
  ) {
    this.#observer = watch;
    this.#capacity = capacity;
    this.#parked = new WaitList(clock, flow);
    this.#discard = discard;
  }

  get size(): number {
    return this.#queue.size;
  }

  tryPush(message: AnyMessage): boolean {
    if (this.#isClosed) {
      this.#discard(message);
      return true;
    }
    if (this.#queue.size >= this.#capacity || this.#parked.size > 0) return false;
    this.#accept(hasBuffers ? transferReferences(message) : message);
    return true;
  }

  push(message: AnyMessage, wait?: WaitOptions): Promise<void> {
    return this.tryPush(message) ? ACCEPTED : this.#parked.wait(message, wait, "send");
  }

  tryTake(): AnyMessage | undefined {
    if (this.#queue.size === 0) return undefined;
    const message = this.#queue.shift();
    if (this.#queue.size === this.#low) this.#callLow();
    if (this.#parked.size > 0) {
      const sender = this.#parked.shift();
      if (sender !== undefined) {
        const accepted = hasBuffers ? transferIfPresent(sender.item) : sender.item;
        this.#observer?.arrived(accepted);
        this.#queue.push(accepted, 0);
        sender.resolve();
      }
    }
    if (hasBuffers) giveReferences(message);
    this.#observer?.read(message);
    return message;
  }

  /** Calls back once, when no more than `low` messages wait to be read. */
  whenLow(low: number, callback: () => void): void {
    this.#low = low;
    this.#onLow = callback;
  }

  #callLow(): void {
    const callback = this.#onLow;
    this.#low = -1;
    this.#onLow = undefined;
    callback?.();
  }

  whenReadable(callback: () => void): void {
    if (this.#queue.size > 0) {
      callback();
      return;
    }
    this.#reader = callback;
  }

  attemptsOf(): number {
    return 0;
  }

  /** Does nothing: a message is done once it is taken. */
  settle(): boolean {
    return false;
  }

  /** Admits all waiting senders; no further message is accepted. */
  finish(): void {
    this.#capacity = Number.POSITIVE_INFINITY;
    for (let sender = this.#parked.shift(); sender !== undefined; sender = this.#parked.shift()) {
      this.#accept(hasBuffers ? transferIfPresent(sender.item) : sender.item);
      sender.resolve();
    }
  }

  /** Closes the queue: discards its messages and all that arrive later. */
  close(discard: (message: AnyMessage) => void): void {
    this.#isClosed = true;
    while (this.#queue.size > 0) {
      const message = this.#queue.shift();
      if (hasBuffers) giveReferences(message);
      this.#observer?.discarded(message);
      discard(message);
    }
    for (let sender = this.#parked.shift(); sender !== undefined; sender = this.#parked.shift()) {
      discard(sender.item);
      sender.resolve();
    }
  }

  #accept(message: AnyMessage): void {
    this.#observer?.arrived(message);
    this.#queue.push(message, 0);
    const reader = this.#reader;
    if (reader === undefined) return;
    this.#reader = undefined;
    reader();
  }
}
