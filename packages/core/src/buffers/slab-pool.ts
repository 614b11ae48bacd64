/** Bytes of the smallest slab. */
const SMALLEST = 4096;
/** Maximum number of slabs that are probed for a free one, least recently used first. */
const MAX_PROBES = 32;
/** Pool size in bytes down to which unused slabs are freed. */
const KEPT = 256 * 1024 * 1024;
/** The same limit for an idle program: slabs that were not taken recently. */
const KEPT_AT_REST = 16 * 1024 * 1024;
/** Milliseconds between two sweeps for idle slabs. */
const REST = 1000;
/** Number of slabs made between two sweeps. */
const SWEEP = 16;

/** Slabs of one size, and the index of the next probe. */
interface SizeClass {
  readonly slabs: Slab[];
  next: number;
}

/** Pool of memory for buffers: allocating memory costs more than filling it. */
export class SlabPool {
  readonly #sizeClasses = new Map<number, SizeClass>();
  readonly #onForget = new Set<(id: number) => void>();
  #bytes = 0;
  #made = 0;
  /** Slabs that were taken since the last sweep. */
  readonly #recent = new Set<Slab>();
  #isWatching = false;

  /** Returns a slab with at least `bytes` bytes and one reference. Its old content is not cleared. */
  take(bytes: number): Slab {
    const size = sizeFor(bytes);
    let row = this.#sizeClasses.get(size);
    if (row === undefined) {
      row = { slabs: [], next: 0 };
      this.#sizeClasses.set(size, row);
    }
    const slab = reuse(row) ?? this.#make(size, row);
    if (this.#bytes > KEPT_AT_REST) this.#watch(slab);
    return slab;
  }

  /**
   * Schedules sweeps while the pool is above its idle limit. Polling, because the last reference may be dropped in
   * another thread.
   */
  #watch(slab?: Slab): void {
    if (slab !== undefined) this.#recent.add(slab);
    if (this.#isWatching) return;
    this.#isWatching = true;
    const timer: unknown = setTimeout(() => {
      this.#isWatching = false;
      this.#sweep(KEPT_AT_REST, this.#recent);
      this.#recent.clear();
      if (this.#bytes > KEPT_AT_REST) this.#watch();
    }, REST);
    (timer as { unref?(): void }).unref?.(); // the timer does not keep the process alive
  }

  #make(size: number, row: SizeClass): Slab {
    const slab = new Slab(idOfSlab(), memoryOf(size + SLAB_HEADER));
    slab.claim();
    row.slabs.push(slab);
    this.#bytes += size;
    if (++this.#made % SWEEP === 0 && this.#bytes > KEPT) this.#sweep(KEPT);
    return slab;
  }

  /** Frees unused slabs, except `spared` ones, until the pool is at `kept` bytes. */
  #sweep(kept: number, spared?: ReadonlySet<Slab>): void {
    for (const row of this.#sizeClasses.values()) {
      for (let i = row.slabs.length - 1; i >= 0 && this.#bytes > kept; i--) {
        const slab = row.slabs[i] as Slab;
        if (spared?.has(slab) || !slab.claim()) continue;
        row.slabs.splice(i, 1);
        this.#bytes -= slab.capacity;
        for (const tell of this.#onForget) tell(slab.id);
      }
    }
  }

  /** Calls back with the id of a slab that will not be used again. Returns a function that ends the registration. */
  onForget(callback: (id: number) => void): () => void {
    this.#onForget.add(callback);
    return () => this.#onForget.delete(callback);
  }

  /** Bytes of all slabs, in use or not. */
  get bytes(): number {
    return this.#bytes;
  }
}

/** Pool of this place's buffers. */
export const slabs = new SlabPool();

function reuse(row: SizeClass): Slab | undefined {
  const { slabs, next } = row;
  for (let i = 0; i < MAX_PROBES && i < slabs.length; i++) {
    const at = (next + i) % slabs.length;
    const slab = slabs[at] as Slab;
    if (!slab.claim()) continue;
    row.next = at + 1;
    return slab;
  }
  // these slabs are in use for long: the next call probes others
  row.next = (next + MAX_PROBES) % Math.max(1, slabs.length);
  return undefined;
}

/** Rounds a size up to one of four sizes for each power of two, so that at most a quarter is unused. */
function sizeFor(bytes: number): number {
  if (bytes <= SMALLEST) return SMALLEST;
  const quarter = 2 ** (Math.ceil(Math.log2(bytes)) - 3);
  return Math.ceil(bytes / quarter) * quarter;
}

/** Shared memory, if the environment has it. */
function memoryOf(bytes: number): ArrayBufferLike {
  return typeof SharedArrayBuffer === "undefined" ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes);
}

/** Random, to be unique among places without coordination. */
function idOfSlab(): number {
  return Math.floor(Math.random() * Number.MAX_SAFE_INTEGER);
}

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
