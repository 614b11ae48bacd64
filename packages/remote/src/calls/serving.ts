/** A call from another place that is being served, and that its caller may cancel. */
export class Serving {
  #controller: AbortController | undefined;
  #isAborted = false;

  /** Signal of the cancellation; created on demand, as it costs more than most calls. */
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
