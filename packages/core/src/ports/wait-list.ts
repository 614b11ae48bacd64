import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { Clock } from "../time/clock.js";
import { limitWait } from "../time/limit-wait.js";
import type { WaitOptions } from "../time/wait-options.js";

/** One who waits. It leaves the list by itself when its time is over or its signal aborts. */
export interface Waiting<Item, Result> {
  readonly item: Item;
  resolve(result: Result): void;
  reject(error: AnyRinglineError): void;
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
      const node = new Node<Item, Result>(item, resolve, reject);
      node.previous = this.#last;
      if (this.#last === undefined) this.#first = node;
      else this.#last.next = node;
      this.#last = node;
      this.size++;
      if (options === undefined) return;
      node.unlimit = limitWait(options, this.#clock, operation, this.#kernelId, (error) => {
        this.#remove(node);
        reject(error);
      });
    });
  }

  /** What the first who waits brought. */
  get first(): Item | undefined {
    return this.#first?.item;
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

class Node<Item, Result> implements Waiting<Item, Result> {
  previous: Node<Item, Result> | undefined = undefined;
  next: Node<Item, Result> | undefined = undefined;
  unlimit: (() => void) | undefined = undefined;
  constructor(
    readonly item: Item,
    readonly resolve: (result: Result) => void,
    readonly reject: (error: AnyRinglineError) => void,
  ) {}
}
