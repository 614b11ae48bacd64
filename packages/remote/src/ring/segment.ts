/** Words of 32 bits at the start of a segment: how many of its frames are settled. */
const SETTLED = 0;
const REPORT_BATCH = 32;
/** A segment is sparse when less than one in `SPARSE` bytes is live. */
const SPARSE = 4;
/** Bytes of an ordinary segment; a longer frame gets a segment of its own. */
export const ORDINARY = 128 * 1024;
/** Offset of the first frame of a segment, in bytes. */
export const FIRST_FRAME = 16;
/** Bytes of the header of a frame: length, kind, state, port, ticket, flags, number, check, order, outputs. */
export const FRAME_HEADER = 40;

/** Words of the header of a frame. */
export const LENGTH = 0;
export const KIND = 1;
export const STATE = 2;
export const PORT = 3;
export const TICKET = 4;
export const FLAGS = 5;
/** Index of a frame in its log, counted from 0, modulo 2^31. */
export const NUMBER = 6;
export const CHECK = 7;
/** Written by the home of the port, like the state: order of a message among others; number of its outputs. */
export const ORDER = 8;
export const OUTPUTS = 9;

/** A block of shared memory with consecutive frames of one log. The writer reuses it once all are settled. */
export class Segment {
  readonly id: number;
  readonly memory: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Settled frames per report to the writer: one in a large segment, whose memory is worth it. */
  readonly #reportEvery: number;
  /** Number of settled frames not yet reported to the writer. */
  #unreported = 0;
  #isRead = false;
  /** Set by the reader: bytes of the frames that were read and are not settled. */
  live = 0;

  constructor(id: number, memory: SharedArrayBuffer) {
    this.id = id;
    this.memory = memory;
    this.words = new Int32Array(memory);
    this.bytes = new Uint8Array(memory);
    this.view = new DataView(memory);
    this.#reportEvery = memory.byteLength > ORDINARY ? 1 : REPORT_BATCH;
  }

  get settled(): number {
    return Atomics.load(this.words, SETTLED);
  }

  /** Called by the reader when it begins to read the segment. */
  open(): void {
    this.#isRead = false;
    this.#unreported = 0;
    this.live = 0;
  }

  /** For the reader: true once the last frame was read and few bytes are live, which keep the whole segment. */
  get isSparse(): boolean {
    return this.#isRead && this.live > 0 && this.live * SPARSE < this.bytes.length;
  }

  /** Called by the reader after the last frame. Each later settlement is reported to the writer at once. */
  close(): void {
    this.#isRead = true;
    this.#report();
  }

  /** Settles one frame of `length` bytes. Settlements are reported to the writer in batches. */
  settle(length: number): void {
    this.live -= length;
    if (++this.#unreported >= this.#reportEvery || this.#isRead) this.#report();
  }

  #report(): void {
    Atomics.add(this.words, SETTLED, this.#unreported);
    this.#unreported = 0;
  }

  reset(): void {
    Atomics.store(this.words, SETTLED, 0);
  }
}

/**
 * Checksum over the frame header at `at`, to detect bytes that are no frame. The ticket is mixed in last, as it is
 * known last.
 */
export function checkOf(words: Int32Array, at: number): number {
  return untickedCheck(words, at) ^ words[at + TICKET]!;
}

export function untickedCheck(words: Int32Array, at: number): number {
  let mix = 0x52494e47 ^ words[at + LENGTH]!;
  mix = Math.imul(mix ^ words[at + KIND]!, 0x85ebca6b);
  mix = Math.imul((mix ^ (mix >>> 13)) + words[at + PORT]!, 0xc2b2ae35);
  mix = Math.imul((mix ^ (mix >>> 15)) + words[at + FLAGS]!, 0x165667b1);
  return Math.imul((mix ^ (mix >>> 14)) + words[at + NUMBER]!, 0x9e3779b1);
}
