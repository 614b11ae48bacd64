/** Entries above which those that are over are looked for. */
const SWEEP = 1024;

/** Objects that this process has referred to elsewhere, by number. */
export class Numbered<T extends object> {
  readonly #isOver: (one: T) => boolean;
  readonly #ids = new WeakMap<T, number>();
  readonly #list = new Map<number, T>();
  #next = 0;
  #sweepAt = SWEEP;

  constructor(isOver: (one: T) => boolean) {
    this.#isOver = isOver;
  }

  idOf(one: T): number {
    const known = this.#ids.get(one);
    if (known !== undefined && this.#list.has(known)) return known;
    if (this.#list.size >= this.#sweepAt) this.#sweep();
    const id = this.#next++;
    this.#ids.set(one, id);
    this.#list.set(id, one);
    return id;
  }

  get(id: number): T | undefined {
    return this.#list.get(id);
  }

  #sweep(): void {
    for (const [id, one] of this.#list) if (this.#isOver(one)) this.#list.delete(id);
    this.#sweepAt = Math.max(SWEEP, 2 * this.#list.size);
  }
}
