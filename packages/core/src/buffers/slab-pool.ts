import { SLAB_HEADER, Slab } from "./slab.js";

/** Bytes of the smallest slab. */
const SMALLEST = 4096;
/** Slabs that are looked at for one that is free: the one used longest ago comes first. */
const MAX_PROBES = 32;
/** Bytes that are kept for use although nothing is in them. */
const KEPT = 256 * 1024 * 1024;
/** The same of a program at rest: slabs that nobody took for a while. */
const KEPT_AT_REST = 16 * 1024 * 1024;
/** Milliseconds between two looks for such slabs. */
const REST = 1000;
/** Slabs made between two looks for what need not be kept. */
const SWEEP = 16;

/** The slabs of one size, and the one that is looked at next. */
interface SizeClass {
  readonly slabs: Slab[];
  next: number;
}

/** Memory for buffers, used again and again: making it anew costs more than filling it. */
export class SlabPool {
  readonly #sizeClasses = new Map<number, SizeClass>();
  readonly #onForget = new Set<(id: number) => void>();
  #bytes = 0;
  #made = 0;
  /** Slabs that were taken since the last look. */
  readonly #recent = new Set<Slab>();
  #isWatching = false;

  /** A slab with room for so many bytes and one reference. What is in it is old. */
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

  /** Looks once more, as long as more is kept than at rest: whoever drops the last reference may be in another thread. */
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
    (timer as { unref?(): void }).unref?.(); // a program that is done ends
  }

  #make(size: number, row: SizeClass): Slab {
    const slab = new Slab(idOfSlab(), memoryOf(size + SLAB_HEADER));
    slab.claim();
    row.slabs.push(slab);
    this.#bytes += size;
    if (++this.#made % SWEEP === 0 && this.#bytes > KEPT) this.#sweep(KEPT);
    return slab;
  }

  /** Lets go of what is free, but for some, until no more is kept than should be. */
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

  /** Calls back with the id of a slab that will not be used again. Returns what ends that. */
  onForget(callback: (id: number) => void): () => void {
    this.#onForget.add(callback);
    return () => this.#onForget.delete(callback);
  }

  /** Bytes of all slabs, in use or not. */
  get bytes(): number {
    return this.#bytes;
  }
}

/** The memory of this place's buffers. */
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
  // those are held for long: next time others are looked at
  row.next = (next + MAX_PROBES) % Math.max(1, slabs.length);
  return undefined;
}

/** Four sizes for each doubling, so that at most a quarter is empty. */
function sizeFor(bytes: number): number {
  if (bytes <= SMALLEST) return SMALLEST;
  const quarter = 2 ** (Math.ceil(Math.log2(bytes)) - 3);
  return Math.ceil(bytes / quarter) * quarter;
}

/** Shared where there are threads to share it with. */
function memoryOf(bytes: number): ArrayBufferLike {
  return typeof SharedArrayBuffer === "undefined" ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes);
}

/** Unique among places that never meet before: chosen at random. */
function idOfSlab(): number {
  return Math.floor(Math.random() * Number.MAX_SAFE_INTEGER);
}
