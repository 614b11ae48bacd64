import { CAPACITY } from "../subject.js";

/** For what pushes its results to a callback: hands them, in order, to the one who awaits them. */
export class Inbox<T> {
  readonly #slots = new Array<T | undefined>(CAPACITY).fill(undefined);
  #put = 0;
  #taken = 0;
  #waiter: ((value: T) => void) | undefined;

  push(value: T): void {
    if (this.#waiter === undefined) {
      this.#slots[this.#put++ % CAPACITY] = value;
      return;
    }
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter(value);
  }

  /** A promise only where nothing is there. */
  take(): Promise<T> | T {
    if (this.#taken === this.#put) {
      return new Promise((resolve) => {
        this.#waiter = resolve;
      });
    }
    const slot = this.#taken++ % CAPACITY;
    const value = this.#slots[slot] as T;
    this.#slots[slot] = undefined;
    return value;
  }
}
