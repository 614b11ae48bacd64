import { within } from "./process/within.js";
import type { Closable, Subject } from "./subject.js";

/** The open lines of a comparison. */
export class ResidentLines<L extends Closable> {
  readonly #stages: number;
  /** Milliseconds that opening or closing one may take. */
  readonly #limit: number;
  readonly #lines = new Map<string, L>();

  constructor(stages: number, limit: number) {
    this.#stages = stages;
    this.#limit = limit;
  }

  async get(key: string, subject: Subject<L>): Promise<L> {
    let line = this.#lines.get(key);
    if (line === undefined) {
      line = await within(() => subject.open(this.#stages), { limit: this.#limit });
      this.#lines.set(key, line);
    }
    return line;
  }

  async close(key: string): Promise<void> {
    const line = this.#lines.get(key);
    this.#lines.delete(key);
    if (line !== undefined) await within(() => line.close(), { limit: this.#limit });
  }

  async closeAll(): Promise<void> {
    for (const key of [...this.#lines.keys()]) await this.close(key);
  }
}
