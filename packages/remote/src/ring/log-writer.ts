import { DEPTH, TICKETS } from "../account/port-block.js";
import { END } from "./frame.js";
import {
  CHECK,
  FIRST_FRAME,
  FLAGS,
  FRAME_HEADER,
  KIND,
  LENGTH,
  NUMBER,
  ORDINARY,
  PORT,
  type Segment,
  STATE,
  TICKET,
  untickedCheck,
} from "./segment.js";
import { SegmentPool } from "./segment-pool.js";

/** The word of a log's control that counts published frames. */
export const PUBLISHED = 0;
/** Set when the reader is gone. */
export const CLOSED = 1 << 31;
export const COUNT = 0x7fff_ffff;
/** Bytes of the control of a log. */
export const LOG_CONTROL = 64;

/** Longest payload that is copied word by word: less than a call takes. */
const SHORT = 256;

/** Tells the readers of a log about its memory. */
export interface Announcer {
  segment(id: number, memory: SharedArrayBuffer): void;
  forget(id: number): void;
}

/** Bytes, also as words of 32 bits. */
export interface FrameBytes {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly size: number;
}

/** What counts a message of a flow: one more of its input, at its node, and in up to four regions; 0 for no region. */
export interface Entering {
  readonly words: Int32Array;
  readonly live: number;
  readonly load: number;
  readonly region0: number;
  readonly region1: number;
  readonly region2: number;
  readonly region3: number;
}

/** A segment that is full, and how many frames are in it. */
interface Full {
  readonly segment: Segment;
  readonly frames: number;
}

/**
 * The writing end of a log: frames from one thread to another, in order, in segments of shared memory. A segment is
 * used again when all its frames are settled, in whatever order that happens. What is published survives its writer.
 *
 * A frame is written first and published then. A thread can be killed wherever JavaScript calls a function or repeats a
 * loop: so what is accepted is published without either in between.
 */
export class LogWriter {
  readonly #control: Int32Array;
  readonly #announce: Announcer;
  readonly #pool = new SegmentPool();
  #full: Full[] = [];
  #segment: Segment | undefined;
  /** Where the next frame begins, in bytes. */
  #at = 0;
  /** Of the frame that is written and not published, in bytes. */
  #length = 0;
  /** Its check, without its ticket. */
  #check = 0;
  #frames = 0;
  #published = 0;

  constructor(control: Int32Array, announce: Announcer) {
    this.#control = control;
    this.#announce = announce;
  }

  /** Told of more memory. */
  onGrown: () => void = () => {};

  get isClosed(): boolean {
    return (Atomics.load(this.#control, PUBLISHED) & CLOSED) !== 0;
  }

  /** Writes a frame whose payload is the start of `payload`, in place of one that was not published. */
  write(kind: number, port: number, flags: number, payload: Uint8Array, size: number): void {
    const segment = this.#room((FRAME_HEADER + size + 7) & ~7);
    segment.bytes.set(payload.subarray(0, size), this.#at + FRAME_HEADER);
    this.#header(segment, (FRAME_HEADER + size + 7) & ~7, kind, port, flags);
  }

  /** The same for a payload that is there in words. */
  writeWords(kind: number, port: number, flags: number, payload: FrameBytes): void {
    const { size, words } = payload;
    if (size > SHORT) {
      this.write(kind, port, flags, payload.bytes, size);
      return;
    }
    const length = (FRAME_HEADER + size + 7) & ~7;
    const segment = this.#room(length);
    const to = segment.words;
    const start = (this.#at + FRAME_HEADER) >>> 2;
    const count = (size + 3) >>> 2;
    for (let i = 0; i < count; i++) to[start + i] = words[i] as number;
    this.#header(segment, length, kind, port, flags);
  }

  #room(length: number): Segment {
    const segment = this.#segment;
    if (segment === undefined || this.#at + length + FRAME_HEADER > segment.bytes.length) return this.#advance(length);
    return segment;
  }

  #header(segment: Segment, length: number, kind: number, port: number, flags: number): void {
    const { words } = segment;
    const at = this.#at >>> 2;
    words[at + LENGTH] = length;
    words[at + KIND] = kind;
    words[at + STATE] = 0;
    words[at + PORT] = port;
    words[at + FLAGS] = flags;
    words[at + NUMBER] = this.#published;
    this.#length = length;
    this.#check = untickedCheck(words, at);
  }

  /**
   * Publishes what was written, and counts it first where it is a message of a flow. False when the reader is gone: then
   * it was not published.
   */
  publish(ticket: number, entering?: Entering): boolean {
    const { words } = this.#segment as Segment;
    const at = this.#at >>> 2;
    const before = this.#published;
    words[at + TICKET] = ticket;
    words[at + CHECK] = this.#check ^ ticket;
    if (entering !== undefined) {
      const { words, live, load, region0, region1, region2, region3 } = entering;
      Atomics.add(words, live, 1);
      Atomics.add(words, load, 1);
      if (region0 !== 0) Atomics.add(words, region0, 1);
      if (region1 !== 0) Atomics.add(words, region1, 1);
      if (region2 !== 0) Atomics.add(words, region2, 1);
      if (region3 !== 0) Atomics.add(words, region3, 1);
    }
    if (Atomics.compareExchange(this.#control, PUBLISHED, before, (before + 1) & COUNT) !== before) return false;
    this.#published = (before + 1) & COUNT;
    this.#at += this.#length;
    this.#frames++;
    return true;
  }

  /**
   * Accepts what was written for a port, within `limit`, and publishes it; `passing`: flags of the port that are no
   * obstacle. Undefined when the port has no room or takes nothing; its ticket when the reader is gone and it must be
   * published elsewhere; else true. Once it is accepted it is counted.
   */
  publishAccepted(port: Int32Array, limit: number, passing: number, entering?: Entering): true | number | undefined {
    for (;;) {
      const { words } = this.#segment as Segment;
      const at = this.#at >>> 2;
      const before = this.#published;
      const depth = Atomics.load(port, DEPTH);
      if ((depth & ~passing) >= limit) return undefined; // a flag is more than any limit
      if (Atomics.compareExchange(port, DEPTH, depth, depth + 1) !== depth) continue;
      const ticket = Atomics.add(port, TICKETS, 1);
      // as in `publish`, with no call in between: a thread may be lost at any of them
      words[at + TICKET] = ticket;
      words[at + CHECK] = this.#check ^ ticket;
      if (entering !== undefined) {
        const { words, live, load, region0, region1, region2, region3 } = entering;
        Atomics.add(words, live, 1);
        Atomics.add(words, load, 1);
        if (region0 !== 0) Atomics.add(words, region0, 1);
        if (region1 !== 0) Atomics.add(words, region1, 1);
        if (region2 !== 0) Atomics.add(words, region2, 1);
        if (region3 !== 0) Atomics.add(words, region3, 1);
      }
      if (Atomics.compareExchange(this.#control, PUBLISHED, before, (before + 1) & COUNT) !== before) return ticket;
      this.#published = (before + 1) & COUNT;
      this.#at += this.#length;
      this.#frames++;
      return true;
    }
  }

  /** Memory that may come free. */
  get mayTrim(): boolean {
    return this.#isLarge || this.#full.length > 0 || this.#pool.freeBytes > ORDINARY;
  }

  /** Lets go of memory that was not needed since it was called last. True when something was published. */
  trim(): boolean {
    const isLarge = this.#isLarge;
    if (isLarge) this.#advance(0);
    else this.#reclaim();
    this.#pool.trim(({ id }) => this.#announce.forget(id));
    return isLarge;
  }

  /** The latest frame had to have a segment of its own. */
  get #isLarge(): boolean {
    return this.#segment !== undefined && this.#segment.bytes.length > ORDINARY;
  }

  /** Goes on in a segment that has room for a frame of `length` and the end after it. */
  #advance(length: number): Segment {
    this.#reclaim();
    const next = this.#pool.take(FIRST_FRAME + length + FRAME_HEADER, this.#grown);
    const last = this.#segment;
    if (last !== undefined) {
      this.#header(last, FRAME_HEADER, END, next.id, 0);
      this.publish(0);
      this.#full.push({ segment: last, frames: this.#frames });
    }
    this.#segment = next;
    this.#at = FIRST_FRAME;
    this.#frames = 0;
    return next;
  }

  readonly #grown = ({ id, memory }: Segment): void => {
    this.#announce.segment(id, memory);
    this.onGrown();
  };

  /** Finds the segments all of whose frames are settled. */
  #reclaim(): void {
    const full: Full[] = [];
    for (const one of this.#full) {
      if (one.segment.settled < one.frames) full.push(one);
      else this.#pool.give(one.segment);
    }
    this.#full = full;
  }
}
