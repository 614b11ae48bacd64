import type { AnyMessage } from "@ringline/core/internal";

/** An accepted message that is not settled. */
export class Entry {
  attempts = 0;
  /** Requeued ones go first, the latest of them first of all: the order among them; 0 for all others. */
  redelivery = 0;
  isInFlight = false;
  /** By which others than the host know it: a message may be sent several times. */
  known: AnyMessage | undefined;

  constructor(
    readonly key: number,
    readonly message: AnyMessage,
    readonly since: number,
  ) {}
}

const FEWEST = 64;
const MOST = 2 ** 16;

/**
 * The entries of a port by their keys, which count up: most go in the order in which they came, so that each has its place
 * in a ring. Those that stay while the ring comes round are kept apart.
 */
export class Entries {
  #ring: (Entry | undefined)[] = new Array<Entry | undefined>(FEWEST).fill(undefined);
  readonly #left = new Map<number, Entry>();
  size = 0;

  get(key: number): Entry | undefined {
    const entry = this.#ring[key & (this.#ring.length - 1)];
    return entry?.key === key ? entry : this.#left.size === 0 ? undefined : this.#left.get(key);
  }

  /** One that is not there yet. */
  add(entry: Entry): void {
    if (this.size++ >= this.#ring.length / 2 && this.#ring.length < MOST) this.#grow();
    this.#place(entry);
  }

  delete(key: number): void {
    const at = key & (this.#ring.length - 1);
    if (this.#ring[at]?.key === key) this.#ring[at] = undefined;
    else if (!this.#left.delete(key)) return;
    this.size--;
  }

  /** All of them, in the order of their keys. */
  all(): Entry[] {
    const all = [...this.#left.values()];
    for (const entry of this.#ring) if (entry !== undefined) all.push(entry);
    return all.sort((a, b) => a.key - b.key);
  }

  #place(entry: Entry): void {
    const at = entry.key & (this.#ring.length - 1);
    const there = this.#ring[at];
    if (there !== undefined) this.#left.set(there.key, there);
    this.#ring[at] = entry;
  }

  #grow(): void {
    const all = this.all();
    this.#ring = new Array<Entry | undefined>(2 * this.#ring.length).fill(undefined);
    this.#left.clear();
    for (const entry of all) this.#place(entry);
  }
}
