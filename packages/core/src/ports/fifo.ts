/** A first-in, first-out queue in a circular array, with a time beside each item. Grows by doubling. */
export class Fifo<T> {
  #items: (T | undefined)[];
  #stamps: Float64Array;
  #mask: number;
  #head = 0;
  size = 0;

  /** `capacity`: a power of two. */
  constructor(capacity = 16) {
    this.#items = new Array(capacity).fill(undefined);
    this.#stamps = new Float64Array(capacity);
    this.#mask = capacity - 1;
  }

  push(item: T, stamp: number): void {
    if (this.size > this.#mask) this.#grow();
    const slot = (this.#head + this.size) & this.#mask;
    this.#items[slot] = item;
    this.#stamps[slot] = stamp;
    this.size++;
  }

  /** The stamp of the item that `shift` takes next. */
  get stamp(): number {
    return this.#stamps[this.#head] as number;
  }

  /** Removes and returns the oldest item. Requires a `size` above 0. */
  shift(): T {
    const head = this.#head;
    const item = this.#items[head] as T;
    this.#items[head] = undefined; // releases the item for garbage collection
    this.#head = (head + 1) & this.#mask;
    this.size--;
    return item;
  }

  /** The items, oldest first; the queue must not change during the iteration. */
  *[Symbol.iterator](): Generator<T> {
    for (let i = 0; i < this.size; i++) yield this.#items[(this.#head + i) & this.#mask] as T;
  }

  #grow(): void {
    const capacity = (this.#mask + 1) * 2;
    const items = new Array<T | undefined>(capacity).fill(undefined);
    const stamps = new Float64Array(capacity);
    for (let i = 0; i < this.size; i++) {
      const slot = (this.#head + i) & this.#mask;
      items[i] = this.#items[slot];
      stamps[i] = this.#stamps[slot] as number;
    }
    this.#items = items;
    this.#stamps = stamps;
    this.#mask = capacity - 1;
    this.#head = 0;
  }
}
