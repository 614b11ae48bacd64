/** The end of a kernel, for those who wait in its name: waits come and go by the message, which a signal is too slow for. */
export class Ending {
  /** Undefined for a runtime. */
  readonly kernelId: string | undefined;
  isOver = false;
  readonly #callbacks = new Set<() => void>();

  constructor(kernelId?: string) {
    this.kernelId = kernelId;
  }

  /** Number of waits. */
  get size(): number {
    return this.#callbacks.size;
  }

  /** Calls back once, at the end; never when it is over already. */
  add(callback: () => void): void {
    this.#callbacks.add(callback);
  }

  delete(callback: () => void): void {
    this.#callbacks.delete(callback);
  }

  end(): void {
    this.isOver = true;
    const callbacks = [...this.#callbacks];
    this.#callbacks.clear();
    for (const callback of callbacks) callback();
  }
}
