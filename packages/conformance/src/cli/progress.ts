/**
 * One line at the bottom of a terminal: the running case and the progress. Prints nothing if standard error is no
 * terminal.
 */
export class Progress {
  readonly #isShown: boolean;
  #last = "";

  constructor(isText: boolean) {
    this.#isShown = isText && process.stderr.isTTY === true;
  }

  show(done: number, all: number, what: string): void {
    if (!this.#isShown) return;
    this.#last = `${done + 1} of ${all}  ${what}`.slice(0, (process.stderr.columns ?? 80) - 1);
    process.stderr.write(`\r\x1b[K${this.#last}`);
  }

  clear(): void {
    if (this.#last !== "") process.stderr.write("\r\x1b[K");
    this.#last = "";
  }
}
