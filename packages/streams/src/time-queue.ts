interface Entry<T> {
  readonly at: number;
  readonly item: T;
}

/** Items by time, as a binary heap: the least first, of equal ones any. */
export class TimeQueue<T> {
  readonly #entries: Entry<T>[] = [];

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
  take(until: number): Entry<T> | undefined {
    return this.#at(0) <= until ? this.#shift() : undefined;
  }

  /** Removes and returns the first item, if its time is before `end`. */
  takeBefore(end: number): T | undefined {
    return this.#at(0) < end ? this.#shift()?.item : undefined;
  }

  #shift(): Entry<T> | undefined {
    const entries = this.#entries;
    const [first] = entries;
    const last = entries.pop();
    if (last === undefined || last === first) return first;
    entries[0] = last;
    this.#sink();
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
    [entries[i], entries[j]] = [entries[j] as Entry<T>, entries[i] as Entry<T>];
  }
}
