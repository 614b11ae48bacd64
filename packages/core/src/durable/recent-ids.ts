/** Ids of which the latest are remembered: at least `most` of them, at most twice as many. */
export class RecentIds {
  readonly #most: number;
  #latest = new Set<string>();
  #former = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  has(id: string): boolean {
    return this.#latest.has(id) || this.#former.has(id);
  }

  add(id: string): void {
    this.#latest.add(id);
    if (this.#latest.size < this.#most) return;
    this.#former = this.#latest;
    this.#latest = new Set();
  }

  /** The latest so many, the oldest first. */
  latest(most: number): readonly string[] {
    const latest = [...this.#latest].slice(-most);
    return latest.length < most ? [...[...this.#former].slice(latest.length - most), ...latest] : latest;
  }

  delete(id: string): void {
    this.#latest.delete(id);
    this.#former.delete(id);
  }
}
