/** Records that a keeper has written together. */
export interface KeptFrame {
  /** Number of the frame at the keeper; increases. */
  readonly sequence: number;
  /** The position after its last record. */
  readonly end: number;
  readonly bytes: number;
}

/** Minimum records and bytes for a trim. */
const WORTH_RECORDS = 4096;
const WORTH_BYTES = 1024 * 1024;

/** The stored frames, the oldest first. */
export class KeptFrames {
  #frames: KeptFrame[];
  /** The position of the first record. */
  #begin: number;
  #bytes = 0;

  /** `begin`: the position of the first record in `frames`. */
  constructor(frames: KeptFrame[], begin = 0) {
    this.#frames = frames;
    this.#begin = begin;
    for (const { bytes } of frames) this.#bytes += bytes;
  }

  add(frame: KeptFrame): void {
    this.#frames.push(frame);
    this.#bytes += frame.bytes;
  }

  clear(): void {
    this.trim(Number.POSITIVE_INFINITY);
  }

  /** True if there is enough to trim before this position; with `anything`, one frame is enough. */
  isWorth(position: number, anything: boolean): boolean {
    if (Math.min(position, this.#frames.at(-1)?.end ?? 0) - this.#begin >= WORTH_RECORDS) return true;
    if (this.#bytes < WORTH_BYTES && !anything) return false;
    let bytes = 0;
    for (const frame of this.#frames) {
      if (frame.end > position) return false;
      bytes += frame.bytes;
      if (anything || bytes >= WORTH_BYTES) return true;
    }
    return false;
  }

  /** Forgets the frames that end at or before this position. Returns the sequence of the last one. */
  trim(position: number): number | undefined {
    let count = 0;
    while (count < this.#frames.length && (this.#frames[count]?.end as number) <= position) count++;
    const trimmed = this.#frames.splice(0, count);
    for (const { bytes } of trimmed) this.#bytes -= bytes;
    const last = trimmed.at(-1);
    if (last !== undefined) this.#begin = last.end;
    return last?.sequence;
  }
}
