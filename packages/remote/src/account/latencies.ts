import { HISTOGRAM_CELLS, Histogram } from "@ringline/core/internal";

const BYTES = 8 * HISTOGRAM_CELLS;

/**
 * Latencies of a port: time in the queue and in flight. Kept in shared memory, which outlives a thread, and is
 * allocated with the first value.
 */
export class Latencies {
  #memory: SharedArrayBuffer | undefined;
  readonly wait: Histogram;
  readonly processing: Histogram;

  /** `memory`: that of an earlier home of the port. `made`: called with memory that is allocated here. */
  constructor(memory?: SharedArrayBuffer, made: (memory: SharedArrayBuffer) => void = () => {}) {
    this.#memory = memory;
    const cells = (at: number) => () => {
      if (this.#memory === undefined) {
        this.#memory = new SharedArrayBuffer(2 * BYTES);
        made(this.#memory);
      }
      return new Float64Array(this.#memory, at, HISTOGRAM_CELLS);
    };
    const [wait, processing] = [cells(0), cells(BYTES)];
    this.wait = new Histogram(memory && wait(), wait);
    this.processing = new Histogram(memory && processing(), processing);
  }

  /** The shared memory; undefined without a value. */
  get memory(): SharedArrayBuffer | undefined {
    return this.#memory;
  }
}
