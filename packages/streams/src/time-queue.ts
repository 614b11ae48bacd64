/** Items by time, as a binary heap: the least first, of equal ones any. */
export class TimeQueue<T> {
  readonly #entries: { readonly at: number; readonly item: T }[] = [];

  add(at: number, item: T): void {
    const entries = this.#entries;
    let i = entries.length;
    entries.push({ at, item });
    for (let parent = (i - 1) >> 1; i > 0 && this.#at(parent) > at; parent = (i - 1) >> 1) {
      this.#swap(i, parent);
      i = parent;
    }
  }

  /** Removes and returns the first entry, if its time is at most `until`. */
  take(until: number): { readonly at: number; readonly item: T } | undefined {
    const entries = this.#entries;
    const first = entries[0];
    if (first === undefined || first.at > until) return undefined;
    const last = entries.pop() as { readonly at: number; readonly item: T };
    if (entries.length > 0) {
      entries[0] = last;
      this.#sink();
    }
    return first;
  }

  #sink(): void {
    for (let i = 0; ; ) {
      const [left, right] = [2 * i + 1, 2 * i + 2];
      let least = i;
      if (this.#at(left) < this.#at(least)) least = left;
      if (this.#at(right) < this.#at(least)) least = right;
      if (least === i) return;
      this.#swap(i, least);
      i = least;
    }
  }

  #at(i: number): number {
    return this.#entries[i]?.at ?? Number.POSITIVE_INFINITY;
  }

  #swap(i: number, j: number): void {
    const entries = this.#entries;
    [entries[i], entries[j]] = [entries[j] as (typeof entries)[0], entries[i] as (typeof entries)[0]];
  }
}
