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

const LEVELS = 256;

/**
 * 256 first-in, first-out queues, one per priority, for exact priority order with push and take in constant time.
 * `#top` is the highest non-empty queue; a two-level bitmap marks the others. The bitmap is never touched as long as
 * only one priority is used.
 */
export class LevelQueue<T> {
  /** Queues by level; undefined until a second priority is used. */
  #levels: (Fifo<T> | undefined)[] | undefined;
  /** The highest non-empty queue; empty only if all are. */
  #top = new Fifo<T>();
  #topLevel = 128;
  /** Bitmap of the other non-empty queues: bit b of word w is level 32 w + b. */
  readonly #words = new Int32Array(LEVELS / 32);
  /** Bit w is set if word w is not zero. */
  #summary = 0;
  size = 0;
  /** The stamp of the item taken last. */
  takenStamp = 0;

  push(item: T, level: number, stamp: number): void {
    this.size++;
    if (level === this.#topLevel) this.#top.push(item, stamp);
    else this.#pushOther(item, level, stamp);
  }

  /** Removes and returns the oldest item of the highest level, or undefined. */
  takeHighest(): T | undefined {
    if (this.size === 0) return undefined;
    const top = this.#top;
    this.takenStamp = top.stamp;
    this.size--;
    const item = top.shift();
    if (top.size === 0 && this.#summary !== 0) this.#raise();
    return item;
  }

  /** Removes and returns the oldest item of the lowest level, or undefined. */
  takeLowest(): T | undefined {
    if (this.#summary === 0) return this.takeHighest();
    const word = lowestBit(this.#summary);
    const level = (word << 5) | lowestBit(this.#words[word] as number);
    const fifo = this.#fifo(level);
    this.takenStamp = fifo.stamp;
    this.size--;
    const item = fifo.shift();
    if (fifo.size === 0) this.#unmark(level);
    return item;
  }

  /** The items, in no order between levels; the queue must not change during the iteration. */
  *[Symbol.iterator](): Generator<T> {
    for (const fifo of this.#levels ?? [this.#top]) if (fifo !== undefined) yield* fifo;
  }

  #pushOther(item: T, level: number, stamp: number): void {
    const fifo = this.#fifo(level);
    if (this.#top.size === 0) {
      this.#top = fifo;
      this.#topLevel = level;
    } else if (level > this.#topLevel) {
      this.#mark(this.#topLevel);
      this.#top = fifo;
      this.#topLevel = level;
    } else if (fifo.size === 0) {
      this.#mark(level);
    }
    fifo.push(item, stamp);
  }

  /** Makes the highest of the other queues the top. */
  #raise(): void {
    const word = 31 - Math.clz32(this.#summary);
    const level = (word << 5) | (31 - Math.clz32(this.#words[word] as number));
    this.#unmark(level);
    this.#top = this.#fifo(level);
    this.#topLevel = level;
  }

  #fifo(level: number): Fifo<T> {
    if (this.#levels === undefined) {
      this.#levels = new Array<Fifo<T> | undefined>(LEVELS).fill(undefined);
      this.#levels[this.#topLevel] = this.#top;
    }
    const fifo = this.#levels[level] ?? new Fifo<T>();
    this.#levels[level] = fifo;
    return fifo;
  }

  #mark(level: number): void {
    const word = level >>> 5;
    this.#words[word]! |= 1 << (level & 31);
    this.#summary |= 1 << word;
  }

  #unmark(level: number): void {
    const word = level >>> 5;
    this.#words[word]! &= ~(1 << (level & 31));
    if (this.#words[word] === 0) this.#summary &= ~(1 << word);
  }
}

const lowestBit = (bits: number): number => 31 - Math.clz32(bits & -bits);
