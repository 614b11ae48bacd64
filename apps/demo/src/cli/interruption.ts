import { constants } from "node:os";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** The first Ctrl-C, or request to end, as an AbortSignal; the second one ends the process at once. */
export class Interruption {
  readonly #controller = new AbortController();
  #exitCode: number | undefined;

  constructor() {
    for (const name of SIGNALS) {
      process.once(name, () => {
        this.#exitCode ??= 128 + constants.signals[name];
        this.#controller.abort();
      });
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Of an interrupted process, such as 130; else undefined. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }
}
