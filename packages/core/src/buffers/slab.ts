/** Bytes before the elements of a slab: its references, all of them and those of each place. */
export const SLAB_HEADER = 4096;
/** Places are told apart by a number below this. */
export const MAX_PLACES = SLAB_HEADER / 4 - 1;
const ALL = 0;
const FIRST_PLACE = 1;

/**
 * Memory of a buffer and the count of its references, which all places share that see the memory. Nobody hands a slab
 * back: whoever made it may use it again once nothing refers to it. A reference is held by a place, or by a message on
 * its way; those of a place are counted by themselves, so that they can be reclaimed when it is lost.
 */
export class Slab {
  readonly id: number;
  readonly memory: ArrayBufferLike;
  readonly #words: Int32Array;

  constructor(id: number, memory: ArrayBufferLike) {
    this.id = id;
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, SLAB_HEADER / 4);
  }

  /** Bytes that a buffer may use. */
  get capacity(): number {
    return this.memory.byteLength - SLAB_HEADER;
  }

  get references(): number {
    return Atomics.load(this.#words, ALL);
  }

  /** Makes the first reference; false while there are others. */
  claim(): boolean {
    return Atomics.compareExchange(this.#words, ALL, 0, 1) === 0;
  }

  /** References beside those that there are. */
  add(count = 1): void {
    Atomics.add(this.#words, ALL, count);
  }

  /** True when it was the last. */
  drop(count = 1): boolean {
    return Atomics.sub(this.#words, ALL, count) === count;
  }

  /** So many more of the references, or fewer, are held by this place. */
  adjust(holder: number, more: number): void {
    Atomics.add(this.#words, FIRST_PLACE + holder, more);
  }

  /** Drops what a place holds that is lost. */
  reclaim(holder: number): void {
    const held = Atomics.exchange(this.#words, FIRST_PLACE + holder, 0);
    if (held > 0) this.drop(held);
  }
}
