import type { Aggregate, Firing, Key, Pane, Panes } from "./pane.js";
import type { AlignedWindow } from "./window.js";

/** The windows of all keys that begin at one time. */
interface Bucket<A> {
  readonly from: number;
  readonly panes: Map<Key, Pane<A>>;
  /** True once the watermark has passed it. */
  isPassed: boolean;
}

/** Open windows of fixed length. */
export class AlignedPanes<E, A> implements Panes<E, A> {
  readonly #window: AlignedWindow;
  readonly #firing: Firing;
  readonly #aggregate: Aggregate<E, A>;
  /** Buckets by the time at which they begin. */
  readonly #buckets = new Map<number, Bucket<A>>();
  /** The bucket of the latest event: most events follow one of the same window. */
  #last: Bucket<A> | undefined;
  #watermark = Number.NEGATIVE_INFINITY;
  /** The watermark at which a bucket fires or is removed next. */
  #next = Number.POSITIVE_INFINITY;

  constructor(window: AlignedWindow, firing: Firing, aggregate: Aggregate<E, A>) {
    this.#window = window;
    this.#firing = firing;
    this.#aggregate = aggregate;
  }

  isLate(_: Key, time: number): boolean {
    return this.#isClosed(this.#begin(time));
  }

  add(key: Key, time: number, event: E): readonly Pane<A>[] {
    const { size, every } = this.#window;
    const begin = this.#begin(time);
    if (size === every) return this.#put(begin, key, this.#added(begin, key, event));
    // all values first, so that an error of `add` leaves every window as it was
    const added: [from: number, value: A][] = [];
    for (let i = 0, from = begin; from > time - size && !this.#isClosed(from); from = begin - ++i * every) {
      added.push([from, this.#added(from, key, event)]);
    }
    return added.reverse().flatMap(([from, value]) => this.#put(from, key, value));
  }

  advance(watermark: number): readonly Pane<A>[] {
    this.#watermark = watermark;
    if (watermark < this.#next) return NONE;
    const due: Pane<A>[] = [];
    this.#next = Number.POSITIVE_INFINITY;
    for (const bucket of [...this.#buckets.values()].sort((a, b) => a.from - b.from)) {
      const to = bucket.from + this.#window.size;
      if (to <= watermark && !bucket.isPassed) {
        bucket.isPassed = true;
        due.push(...bucket.panes.values());
      }
      if (this.#isClosed(bucket.from)) this.#remove(bucket);
      else this.#next = Math.min(this.#next, bucket.isPassed ? to + this.#firing.lateness : to);
    }
    return due;
  }

  save(): Pane<A>[] {
    return [...this.#buckets.values()].flatMap(({ panes }) => Array.from(panes.values(), (pane) => ({ ...pane })));
  }

  restore(panes: readonly Pane<A>[], watermark: number): void {
    this.#watermark = watermark;
    for (const pane of panes) this.#bucket(pane.from).panes.set(pane.key, { ...pane });
  }

  /** Beginning of the last window that covers a time. */
  #begin(time: number): number {
    const { every, offset } = this.#window;
    return Math.floor((time - offset) / every) * every + offset;
  }

  #isClosed(from: number): boolean {
    return from + this.#window.size + this.#firing.lateness <= this.#watermark;
  }

  #added(from: number, key: Key, event: E): A {
    const bucket = this.#last?.from === from ? this.#last : this.#buckets.get(from);
    const pane = bucket?.panes.get(key);
    return this.#aggregate.add(pane === undefined ? this.#aggregate.initial() : pane.value, event);
  }

  #put(from: number, key: Key, value: A): readonly Pane<A>[] {
    const pane = this.#pane(from, key, value);
    pane.value = value;
    pane.count++;
    return pane.to <= this.#watermark || pane.count % this.#firing.early === 0 ? [pane] : NONE;
  }

  #pane(from: number, key: Key, value: A): Pane<A> {
    const { panes } = this.#bucket(from);
    let pane = panes.get(key);
    if (pane === undefined) {
      pane = { key, from, to: from + this.#window.size, value, count: 0, fired: 0 };
      panes.set(key, pane);
    }
    return pane;
  }

  #bucket(from: number): Bucket<A> {
    if (this.#last?.from === from) return this.#last;
    let bucket = this.#buckets.get(from);
    if (bucket === undefined) {
      const to = from + this.#window.size;
      bucket = { from, panes: new Map(), isPassed: to <= this.#watermark };
      this.#buckets.set(from, bucket);
      this.#next = Math.min(this.#next, bucket.isPassed ? to + this.#firing.lateness : to);
    }
    this.#last = bucket;
    return bucket;
  }

  #remove(bucket: Bucket<A>): void {
    this.#buckets.delete(bucket.from);
    if (this.#last === bucket) this.#last = undefined;
  }
}

const NONE: readonly never[] = [];
