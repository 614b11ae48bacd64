import { PerformanceObserver } from "node:perf_hooks";
import { setImmediate as turn } from "node:timers/promises";

/** Milliseconds that this thread has spent collecting garbage; other threads collect on their own time. */
export class GarbageClock implements Disposable {
  #total = 0;
  readonly #observer = new PerformanceObserver((list) => this.#add(list.getEntries()));

  constructor() {
    this.#observer.observe({ entryTypes: ["gc"] });
  }

  /** The entries come with the next turn of the event loop, so this waits for one. */
  async read(): Promise<number> {
    await turn();
    this.#add(this.#observer.takeRecords());
    return this.#total;
  }

  #add(entries: readonly { readonly duration: number }[]): void {
    for (const { duration } of entries) this.#total += duration;
  }

  [Symbol.dispose](): void {
    this.#observer.disconnect();
  }
}
