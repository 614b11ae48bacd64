/** Bytes before the elements of a slab: its total reference count, and the count of each place. */
export const SLAB_HEADER = 4096;
/** Limit of place numbers, exclusive. */
export const MAX_PLACES = SLAB_HEADER / 4 - 1;
const ALL = 0;
const FIRST_PLACE = 1;

/**
 * Memory of a buffer and its reference count, shared by all places that see the memory. A slab is not returned: its
 * maker may use it again once its count is 0. A reference is held by a place, or by a message in transit; those of each
 * place are also counted separately, so that they can be reclaimed when the place is lost.
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

  /** Adds the first reference; returns false if there are references. */
  claim(): boolean {
    return Atomics.compareExchange(this.#words, ALL, 0, 1) === 0;
  }

  /** Adds references. */
  add(count = 1): void {
    Atomics.add(this.#words, ALL, count);
  }

  /** Drops references; returns true if they were the last. */
  drop(count = 1): boolean {
    return Atomics.sub(this.#words, ALL, count) === count;
  }

  /** Changes the number of references that a place holds by `more`. */
  adjust(holder: number, more: number): void {
    Atomics.add(this.#words, FIRST_PLACE + holder, more);
  }

  /** Drops the references of a lost place. */
  reclaim(holder: number): void {
    const held = Atomics.exchange(this.#words, FIRST_PLACE + holder, 0);
    if (held > 0) this.drop(held);
  }
}
