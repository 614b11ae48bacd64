import { localIdOf, type MessageId, messageIdText } from "../messages/message-id.js";

/** Ids in a row that share an entry. */
const BLOCK = 32;

/**
 * The latest ids of messages: remembers at least `most` of them, at most twice as many. Ids that this place has made are
 * numbers in a row, of which each entry holds many; others are texts.
 */
export class RecentIds {
  readonly #most: number;
  /** Bits by block of ids that this place has made; those before in the second map. */
  #bits = new Map<number, number>();
  #bitsBefore = new Map<number, number>();
  #count = 0;
  #texts = new Set<string>();
  #textsBefore = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  has(id: MessageId): boolean {
    const local = typeof id === "number" ? id : localIdOf(messageIdText(id));
    if (local === undefined) {
      const text = messageIdText(id);
      return this.#texts.has(text) || this.#textsBefore.has(text);
    }
    const block = Math.floor(local / BLOCK);
    const bits = (this.#bits.get(block) ?? 0) | (this.#bitsBefore.get(block) ?? 0);
    return (bits & (1 << (local % BLOCK))) !== 0;
  }

  add(id: MessageId): void {
    const local = typeof id === "number" ? id : localIdOf(messageIdText(id));
    if (local === undefined) {
      this.#texts.add(messageIdText(id));
      if (this.#texts.size < this.#most) return;
      this.#textsBefore = this.#texts;
      this.#texts = new Set();
      return;
    }
    const block = Math.floor(local / BLOCK);
    this.#bits.set(block, (this.#bits.get(block) ?? 0) | (1 << (local % BLOCK)));
    if (++this.#count < this.#most) return;
    this.#count = 0;
    this.#bitsBefore = this.#bits;
    this.#bits = new Map();
  }

  delete(id: MessageId): void {
    const text = messageIdText(id);
    this.#texts.delete(text);
    this.#textsBefore.delete(text);
    const local = typeof id === "number" ? id : localIdOf(text);
    if (local === undefined) return;
    const block = Math.floor(local / BLOCK);
    for (const all of [this.#bits, this.#bitsBefore]) {
      const bits = all.get(block);
      if (bits !== undefined) all.set(block, bits & ~(1 << (local % BLOCK)));
    }
  }

  /** At least the latest `most` ids of either kind, if there are so many, the oldest first. */
  latest(most: number): readonly string[] {
    const texts = [...this.#textsBefore, ...this.#texts].slice(-most);
    const blocks = [...this.#bitsBefore, ...this.#bits];
    const latest: string[] = [];
    for (let block = blocks.pop(); block !== undefined && latest.length < most; block = blocks.pop()) {
      const [number, bits] = block;
      for (let i = BLOCK - 1; i >= 0; i--) if ((bits & (1 << i)) !== 0) latest.push(messageIdText(number * BLOCK + i));
    }
    return [...texts, ...latest.reverse()];
  }
}
