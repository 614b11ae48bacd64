import { promiseHooks } from "node:v8";
import { MessagePort } from "node:worker_threads";

/** Names of the counts, in the order of the cells. */
export const COUNTED = ["promises", "wake-ups", "atomic writes", "bytes set"] as const;
export type Counted = (typeof COUNTED)[number];

/** Cells in shared memory, so that all threads count in one place; one that is 0 counts nothing. */
export class Counters {
  readonly #cells: Int32Array;

  constructor(readonly memory = new SharedArrayBuffer(4 * (COUNTED.length + 1))) {
    this.#cells = new Int32Array(memory);
  }

  /** Counts from now on, on every thread that has `install`ed it, or no more. */
  switch(isOn: boolean): void {
    Atomics.store(this.#cells, COUNTED.length, isOn ? 1 : 0);
  }

  read(): Readonly<Record<Counted, number>> {
    return Object.fromEntries(COUNTED.map((name, i) => [name, this.#cells[i]])) as Record<Counted, number>;
  }

  /**
   * Counts what this thread does: promises that are created, sleeping threads and event loops that are woken
   * (`Atomics.notify`, `postMessage`), atomic operations that write (reads depend on how long somebody looks), and bytes
   * that are copied from one typed array into another.
   */
  install(): void {
    const cells = this.#cells;
    const { load, add } = Atomics;
    const count = (cell: number, by = 1) => {
      if (load(cells, COUNTED.length) === 1) add(cells, cell, by);
    };
    promiseHooks.onInit(() => count(0));
    const wrap = (target: object, name: string, cell: number, by: (args: readonly unknown[]) => number = () => 1) => {
      const real = (target as Record<string, (...args: unknown[]) => unknown>)[name] as (...args: unknown[]) => unknown;
      const counting = function (this: unknown, ...args: unknown[]): unknown {
        count(cell, by(args));
        return real.apply(this, args);
      };
      Object.defineProperty(target, name, { value: counting, writable: true, configurable: true });
    };
    wrap(Atomics, "notify", 1);
    wrap(MessagePort.prototype, "postMessage", 1);
    for (const name of ["add", "and", "compareExchange", "exchange", "or", "store", "sub", "xor"])
      wrap(Atomics, name, 2);
    wrap(Object.getPrototypeOf(Uint8Array.prototype), "set", 3, ([from]) => (from as Uint8Array).byteLength ?? 0);
  }
}
