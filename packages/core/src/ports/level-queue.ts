import { Fifo } from "./fifo.js";

const LEVELS = 256;
const WORD = 32;

/**
 * 256 first-in, first-out queues, one a priority, and a two-level bitmap of those that hold something: exact priority
 * order with put and take in constant time.
 */
export class LevelQueue<T> {
  readonly #levels: (Fifo<T> | undefined)[] = new Array(LEVELS).fill(undefined);
  /** Bit b of word w: level 32 w + b holds something. */
  readonly #words = new Int32Array(LEVELS / WORD);
  /** Bit w: word w is not zero. */
  #summary = 0;
  size = 0;
  /** The stamp of the item taken last. */
  takenStamp = 0;

  push(item: T, level: number, stamp: number): void {
    let fifo = this.#levels[level];
    if (fifo === undefined) {
      fifo = new Fifo<T>();
      this.#levels[level] = fifo;
    }
    if (fifo.size === 0) {
      const word = level >>> 5;
      this.#words[word] = (this.#words[word] as number) | (1 << (level & 31));
      this.#summary |= 1 << word;
    }
    fifo.push(item, stamp);
    this.size++;
  }

  /** The oldest item of the highest level, or undefined. */
  takeHighest(): T | undefined {
    if (this.size === 0) return undefined;
    const word = 31 - Math.clz32(this.#summary);
    return this.#take((word << 5) | (31 - Math.clz32(this.#words[word] as number)));
  }

  /** The oldest item of the lowest level, or undefined. */
  takeLowest(): T | undefined {
    if (this.size === 0) return undefined;
    const word = lowestBit(this.#summary);
    return this.#take((word << 5) | lowestBit(this.#words[word] as number));
  }

  #take(level: number): T {
    const fifo = this.#levels[level] as Fifo<T>;
    this.takenStamp = fifo.stamp;
    const item = fifo.shift();
    this.size--;
    if (fifo.size === 0) {
      const word = level >>> 5;
      const bits = (this.#words[word] as number) & ~(1 << (level & 31));
      this.#words[word] = bits;
      if (bits === 0) this.#summary &= ~(1 << word);
    }
    return item;
  }
}

const lowestBit = (bits: number): number => 31 - Math.clz32(bits & -bits);
