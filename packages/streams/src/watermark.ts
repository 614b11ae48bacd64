import type { Key } from "./pane.js";

/** Watermark of a stream of events, as data for a checkpoint. */
export interface SavedWatermark {
  readonly latest: ReadonlyMap<Key, number>;
  readonly time: number;
}

/**
 * The event time up to which no more events are expected: the latest time seen of each source, less the bound of
 * disorder, and of several sources the least. A source that is more than `idle` milliseconds of event time behind the
 * most advanced one does not hold it back. Never goes back. The generator is that of bounded out-of-orderness in
 * Akidau et al., "The Dataflow Model" (2015), and Apache Flink.
 */
export class Watermark {
  readonly #outOfOrder: number;
  readonly #idle: number;
  readonly #sources: number;
  #latest: Map<Key, number>;
  #most = Number.NEGATIVE_INFINITY;
  /** The source that holds the watermark back, or undefined if unknown. */
  #slowest: Key | undefined;
  time: number;

  /** `sources`: the number of sources that must have begun before the watermark advances. */
  constructor(outOfOrder: number, idle: number, saved?: SavedWatermark, sources = 1) {
    this.#outOfOrder = outOfOrder;
    this.#idle = idle;
    this.#sources = sources;
    this.#latest = new Map(saved?.latest);
    this.time = saved?.time ?? Number.NEGATIVE_INFINITY;
    for (const time of this.#latest.values()) this.#most = Math.max(this.#most, time);
  }

  /** Records an event. Returns true if the watermark has advanced. */
  observe(source: Key, time: number): boolean {
    const before = this.#latest.get(source);
    if (before !== undefined && time <= before) return false;
    this.#latest.set(source, time);
    if (time > this.#most) this.#most = time;
    else if (this.#latest.size > 1 && before !== undefined && source !== this.#slowest) return false;
    const next = this.#least() - this.#outOfOrder;
    if (next <= this.time) return false;
    this.time = next;
    return true;
  }

  save(): SavedWatermark {
    return { latest: new Map(this.#latest), time: this.time };
  }

  #least(): number {
    if (this.#latest.size < this.#sources) return Number.NEGATIVE_INFINITY;
    if (this.#latest.size === 1) return this.#most;
    let least = Number.POSITIVE_INFINITY;
    for (const [source, time] of this.#latest) {
      if (time >= least || this.#most - time > this.#idle) continue;
      least = time;
      this.#slowest = source;
    }
    return least;
  }
}
