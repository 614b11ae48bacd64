import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { Clock } from "../time/clock.js";
import { limitWait } from "../time/limit-wait.js";
import type { WaitOptions } from "../time/wait-options.js";

/** Who is to be told that a wait is over. */
export interface Waiter<Result> {
  resolve(result: Result): void;
  reject(error: AnyRinglineError): void;
}

/** One who waits. It leaves the list by itself when its time is over or its signal aborts. */
export interface Waiting<Item, Result> extends Waiter<Result> {
  readonly item: Item;
}

/** Those who wait, first come, first served. A doubly linked list, so that leaving it early costs constant time. */
export class WaitList<Item, Result> {
  readonly #clock: Clock;
  readonly #kernelId: string;
  #first: Node<Item, Result> | undefined;
  #last: Node<Item, Result> | undefined;
  size = 0;

  constructor(clock: Clock, kernelId: string) {
    this.#clock = clock;
    this.#kernelId = kernelId;
  }

  /** Waits with an item. Rejects with `TIMEOUT` or `ABORTED`. The options are checked by the caller. */
  wait(item: Item, options: WaitOptions | undefined, operation: string): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const node = this.#append(new Sleeper<Item, Result>(item, resolve, reject));
      if (options === undefined) return;
      node.unlimit = limitWait(options, this.#clock, operation, this.#kernelId, (error) => {
        this.#remove(node);
        reject(error);
      });
    });
  }

  /** The first who waits; it stays. */
  get first(): Waiting<Item, Result> | undefined {
    return this.#first;
  }

  /** Waits without a limit, and without a promise of its own. */
  add(item: Item, waiter: Waiter<Result>): void {
    this.#append(new Told<Item, Result>(item, waiter));
  }

  #append(node: Node<Item, Result>): Node<Item, Result> {
    node.previous = this.#last;
    if (this.#last === undefined) this.#first = node;
    else this.#last.next = node;
    this.#last = node;
    this.size++;
    return node;
  }

  /** The first who waits, taken off the list; settle it at once. */
  shift(): Waiting<Item, Result> | undefined {
    const node = this.#first;
    if (node !== undefined) this.#remove(node);
    return node;
  }

  rejectAll(error: () => AnyRinglineError): void {
    for (let node = this.shift(); node !== undefined; node = this.shift()) node.reject(error());
  }

  #remove(node: Node<Item, Result>): void {
    if (node.previous === undefined) this.#first = node.next;
    else node.previous.next = node.next;
    if (node.next === undefined) this.#last = node.previous;
    else node.next.previous = node.previous;
    node.previous = undefined;
    node.next = undefined;
    this.size--;
    node.unlimit?.();
  }
}

abstract class Node<Item, Result> implements Waiting<Item, Result> {
  previous: Node<Item, Result> | undefined = undefined;
  next: Node<Item, Result> | undefined = undefined;
  unlimit: (() => void) | undefined = undefined;
  constructor(readonly item: Item) {}
  abstract resolve(result: Result): void;
  abstract reject(error: AnyRinglineError): void;
}

/** Behind a promise. */
class Sleeper<Item, Result> extends Node<Item, Result> {
  constructor(
    item: Item,
    override readonly resolve: (result: Result) => void,
    override readonly reject: (error: AnyRinglineError) => void,
  ) {
    super(item);
  }
}

/** Without one. */
class Told<Item, Result> extends Node<Item, Result> {
  readonly #waiter: Waiter<Result>;

  constructor(item: Item, waiter: Waiter<Result>) {
    super(item);
    this.#waiter = waiter;
  }

  resolve(result: Result): void {
    this.#waiter.resolve(result);
  }
  reject(error: AnyRinglineError): void {
    this.#waiter.reject(error);
  }
}
