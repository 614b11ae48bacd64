/** A call of another thread that is served here, which its caller may give up. */
export class Serving {
  #controller: AbortController | undefined;
  #isAborted = false;

  /** Made only where somebody has to wait: it costs more than most calls do. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isAborted) this.#controller.abort();
    return this.#controller.signal;
  }

  abort(): void {
    this.#isAborted = true;
    this.#controller?.abort();
  }
}
