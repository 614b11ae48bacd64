import { CAPACITY } from "../subject.js";

/** For what pushes its results to a callback: hands them, in order, to the one who awaits them. */
export class Inbox<T> {
  private readonly slots = new Array<T | undefined>(CAPACITY).fill(undefined);
  private put = 0;
  private taken = 0;
  private waiter: ((value: T) => void) | undefined;

  push(value: T): void {
    if (this.waiter === undefined) {
      this.slots[this.put++ % CAPACITY] = value;
      return;
    }
    const waiter = this.waiter;
    this.waiter = undefined;
    waiter(value);
  }

  take(): Promise<T> {
    if (this.taken === this.put) {
      return new Promise((resolve) => {
        this.waiter = resolve;
      });
    }
    const slot = this.taken++ % CAPACITY;
    const value = this.slots[slot] as T;
    this.slots[slot] = undefined;
    return Promise.resolve(value);
  }
}
