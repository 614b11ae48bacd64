import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { Clock } from "../time/clock.js";
import { limitWait, type WaitOptions } from "../time/wait-options.js";

/** A waiting call, in one list at a time; it is removed when its time is over or its signal aborts. */
export abstract class Waiting<Item, Result> {
  previous: Waiting<Item, Result> | undefined = undefined;
  next: Waiting<Item, Result> | undefined = undefined;
  unlimit: (() => void) | undefined = undefined;
  constructor(readonly item: Item) {}
  abstract resolve(result: Result): void;
  abstract reject(error: AnyRinglineError): void;
}

/** Waiting calls, first come, first served. A doubly linked list, so that leaving it early costs constant time. */
export class WaitList<Item, Result> {
  readonly #clock: Clock;
  readonly #kernelId: string;
  #first: Waiting<Item, Result> | undefined;
  #last: Waiting<Item, Result> | undefined;
  size = 0;

  constructor(clock: Clock, kernelId: string) {
    this.#clock = clock;
    this.#kernelId = kernelId;
  }

  /** Adds a waiting call with an item. Rejects with `TIMEOUT` or `ABORTED`. The options are checked by the caller. */
  wait(item: Item, options: WaitOptions | undefined, operation: string): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const node = new Promised<Item, Result>(item, resolve, reject);
      this.add(node);
      if (options === undefined) return;
      node.unlimit = limitWait(options, this.#clock, operation, this.#kernelId, (error) => {
        this.#remove(node);
        reject(error);
      });
    });
  }

  /** The first waiting call, which stays in the list. */
  get first(): Waiting<Item, Result> | undefined {
    return this.#first;
  }

  /** Adds a waiting call without a limit. */
  add(node: Waiting<Item, Result>): void {
    node.previous = this.#last;
    if (this.#last === undefined) this.#first = node;
    else this.#last.next = node;
    this.#last = node;
    this.size++;
  }

  /** Removes and returns the first waiting call; settle it at once. */
  shift(): Waiting<Item, Result> | undefined {
    const node = this.#first;
    if (node !== undefined) this.#remove(node);
    return node;
  }

  rejectAll(error: () => AnyRinglineError): void {
    for (let node = this.shift(); node !== undefined; node = this.shift()) node.reject(error());
  }

  #remove(node: Waiting<Item, Result>): void {
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

class Promised<Item, Result> extends Waiting<Item, Result> {
  constructor(
    item: Item,
    override readonly resolve: (result: Result) => void,
    override readonly reject: (error: AnyRinglineError) => void,
  ) {
    super(item);
  }
}
