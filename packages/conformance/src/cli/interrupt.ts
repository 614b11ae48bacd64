const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Handles Ctrl-C during a run: the first stops the run, the second ends it at once. */
export class Interrupt {
  isInterrupted = false;
  readonly #running: () => { stop(): void; kill(): void } | undefined;
  readonly #interrupted = () => {
    if (this.isInterrupted) this.#running()?.kill();
    else this.#running()?.stop();
    this.isInterrupted = true;
  };

  constructor(running: () => { stop(): void; kill(): void } | undefined) {
    this.#running = running;
    for (const signal of SIGNALS) process.on(signal, this.#interrupted);
  }

  [Symbol.dispose](): void {
    for (const signal of SIGNALS) process.off(signal, this.#interrupted);
  }
}
