import { reportFreed } from "./report-freed.js";
import { ORDINARY, Segment } from "./segment.js";

/** Share of a peak that remains each time it was not reached again. */
const FADING = 0.75;

/** Segments of one size. */
interface Class {
  readonly free: Segment[];
  inUse: number;
  /** Most in use at a time; what is not reached again fades. */
  peak: number;
}

/**
 * The segments of a log's writer, by their size, a power of two. They are used again rather than let go of: shared memory
 * that is made and dropped is not seen by the collectors of the threads that knew it. As many are kept as were in use
 * at a time of late.
 */
export class SegmentPool {
  readonly #classes = new Map<number, Class>();
  #ids = 0;
  #freeBytes = 0;

  /** A segment of at least `size` bytes: one that was used before, or a new one, of which `isNew` is told. */
  take(size: number, isNew: (segment: Segment) => void): Segment {
    const bytes = size <= ORDINARY ? ORDINARY : 2 ** Math.ceil(Math.log2(size));
    const one = this.#class(bytes);
    one.inUse++;
    one.peak = Math.max(one.peak, one.inUse);
    const free = one.free.pop();
    if (free !== undefined) {
      this.#freeBytes -= bytes;
      free.reset();
      return free;
    }
    const segment = new Segment(this.#ids++, new SharedArrayBuffer(bytes));
    isNew(segment);
    return segment;
  }

  /** Returns a segment that is not in use any more. */
  give(segment: Segment): void {
    const { length } = segment.bytes;
    const one = this.#class(length);
    one.inUse--;
    one.free.push(segment);
    this.#freeBytes += length;
  }

  /** Bytes that are kept for use. */
  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** Called now and then: lets go of what was not needed of late, a part of it at a time. One ordinary segment stays. */
  trim(forget: (segment: Segment) => void): void {
    for (const [bytes, one] of this.#classes) {
      const spare = Math.max(one.peak + (one.peak >> 2) - one.inUse, bytes === ORDINARY ? 1 : 0);
      one.peak = Math.max(one.inUse, (one.peak * FADING) >>> 0);
      for (const segment of one.free.splice(spare)) {
        this.#freeBytes -= bytes;
        forget(segment);
        reportFreed(bytes);
      }
      if (one.inUse + one.free.length === 0) this.#classes.delete(bytes);
    }
  }

  #class(bytes: number): Class {
    let one = this.#classes.get(bytes);
    if (one === undefined) {
      one = { free: [], inUse: 0, peak: 0 };
      this.#classes.set(bytes, one);
    }
    return one;
  }
}
