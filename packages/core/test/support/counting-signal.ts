/** A signal that knows how many listen to it. */
export class CountingSignal extends EventTarget {
  readonly #listeners = new Set<unknown>();
  aborted = false;
  reason: unknown;

  /** The signal, for everything that takes an AbortSignal. */
  get signal(): AbortSignal {
    return this as unknown as AbortSignal;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  override addEventListener(...args: Parameters<EventTarget["addEventListener"]>): void {
    this.#listeners.add(args[1]);
    super.addEventListener(...args);
  }

  override removeEventListener(...args: Parameters<EventTarget["removeEventListener"]>): void {
    this.#listeners.delete(args[1]);
    super.removeEventListener(...args);
  }

  abort(reason: unknown = new Error("enough")): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.dispatchEvent(new Event("abort"));
  }
}
