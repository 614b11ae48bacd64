import { CAPACITY } from "../subject.js";

/**
 * A bounded first-in-first-out ring between one writer and one reader: what all floors are made of. A promise exists only
 * while a side has to wait; whoever is awaited gets the value itself.
 */
export class Ring<T> {
  /** The capacity is a power of two, so that a mask replaces the remainder. */
  readonly #slots = new Array<T | undefined>(CAPACITY).fill(undefined);
  #head = 0;
  #tail = 0;
  #taker: ((value: T) => void) | undefined;
  #putter: (() => void) | undefined;

  /** False where the ring is full: then `put` waits. */
  tryPut(value: T): boolean {
    const taker = this.#taker;
    if (taker !== undefined) {
      this.#taker = undefined;
      taker(value);
      return true;
    }
    if (this.#tail - this.#head === CAPACITY) return false;
    this.#slots[this.#tail++ & (CAPACITY - 1)] = value;
    return true;
  }

  put(value: T): Promise<void> {
    return new Promise((resolve) => {
      this.#putter = () => {
        this.tryPut(value);
        resolve();
      };
    });
  }

  /** Undefined where the ring is empty: then `take` waits. */
  tryTake(): T | undefined {
    if (this.#head === this.#tail) return undefined;
    const slot = this.#head++ & (CAPACITY - 1);
    const value = this.#slots[slot] as T;
    this.#slots[slot] = undefined;
    const putter = this.#putter;
    if (putter !== undefined) {
      this.#putter = undefined;
      putter();
    }
    return value;
  }

  take(): Promise<T> {
    return new Promise((resolve) => {
      this.#taker = resolve;
    });
  }
}
