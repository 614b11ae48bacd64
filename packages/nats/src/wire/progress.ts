import type { Writer } from "./writer.js";

/** What kernels took and are done with: where each is done before the next one is taken, it is said at once of all of them. */
export class Progress {
  readonly #writer: Writer;
  #unit = 0;
  /** Done with: from the first to the last of these; none while the last one is before the first. */
  #from = 0;
  #to = -1;
  /** Taken after them. */
  #taken: number | undefined;

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  /** Messages that a kernel is done with, which is not said yet. */
  get size(): number {
    return this.#to - this.#from + 1;
  }

  took(unit: number, key: number): void {
    const follows = this.size === 0 || key === this.#to + 1;
    if (unit !== this.#unit || this.#taken !== undefined || !follows) this.write();
    this.#unit = unit;
    this.#taken = key;
  }

  done(unit: number, key: number): void {
    if (unit === this.#unit && key === this.#taken) {
      if (this.size === 0) this.#from = key;
      this.#to = key;
      this.#taken = undefined;
    } else {
      this.write();
      this.#writer.add(["settled", unit, key, "done", 0]);
    }
  }

  /** Before anything else is said. */
  write(): void {
    if (this.size > 0) this.#writer.add(["did", this.#unit, this.#from, this.#to]);
    if (this.#taken !== undefined) this.#writer.add(["took", this.#unit, this.#taken]);
    this.#from = 0;
    this.#to = -1;
    this.#taken = undefined;
  }
}
