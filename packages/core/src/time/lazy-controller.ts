/** An AbortController that is made when its signal is read: it costs a kilobyte, and most are never read. */
export class LazyController {
  #controller: AbortController | undefined;
  #reason: (() => unknown) | undefined;

  /** True once aborted; makes no signal. */
  get aborted(): boolean {
    return this.#reason !== undefined;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason());
    }
    return this.#controller.signal;
  }

  /** Aborts with what `reason` returns, which is called if the signal is read. Only the first call counts. */
  abort(reason: () => unknown = () => undefined): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#controller?.abort(reason());
  }
}
