import type { AnyMessage } from "@ringline/core/internal";

/** An accepted message that is not settled. */
export class Entry {
  attempts = 0;
  /** Position among redeliveries, which are delivered first, latest first; 0 for other entries. */
  redelivery = 0;
  isInFlight = false;
  /** Copy of the message that identifies this entry in the runtime, as one message may be sent several times. */
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
 * Entries of a port by key. Keys count up, and most entries leave in order, so that each has a slot in a ring; an entry
 * that is still there when its slot is reused moves to a map.
 */
export class Entries {
  #ring: (Entry | undefined)[] = new Array<Entry | undefined>(FEWEST).fill(undefined);
  readonly #left = new Map<number, Entry>();
  size = 0;

  get(key: number): Entry | undefined {
    const entry = this.#ring[key & (this.#ring.length - 1)];
    return entry?.key === key ? entry : this.#left.size === 0 ? undefined : this.#left.get(key);
  }

  /** Adds a new entry. */
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

  /** All entries, in the order of their keys. */
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
