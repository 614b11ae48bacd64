import { reportFreed } from "./report-freed.js";
import { ORDINARY, Segment } from "./segment.js";

/** Factor by which a peak decays at each trim. */
const FADING = 0.75;

/** Segments of one size. */
interface Class {
  readonly free: Segment[];
  inUse: number;
  /** Highest number in use at a time; decays at each trim. */
  peak: number;
}

/**
 * Segments of a log's writer, by size, a power of two. Segments are reused, as garbage collectors do not account for
 * dropped shared memory. As many are kept as were recently in use at a time.
 */
export class SegmentPool {
  readonly #classes = new Map<number, Class>();
  #ids = 0;
  #freeBytes = 0;

  /** Takes a segment of at least `size` bytes: a free one, or a new one, which is passed to `isNew`. */
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

  /** Returns a segment that is no longer in use. */
  give(segment: Segment): void {
    const { length } = segment.bytes;
    const one = this.#class(length);
    one.inUse--;
    one.free.push(segment);
    this.#freeBytes += length;
  }

  /** Bytes of free segments. */
  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** Called periodically: releases segments beyond recent use, some at a time. One ordinary segment is kept. */
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
