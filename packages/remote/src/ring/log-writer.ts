import type { FlowCells } from "../account/flow-cells.js";
import { COUNT as ADMISSIONS, ADMITTED, RELEASED } from "../account/port-block.js";
import { COMPACTED, END, type Frame, WRITER } from "./frame.js";
import {
  CHECK,
  FIRST_FRAME,
  FLAGS,
  FRAME_HEADER,
  KIND,
  LENGTH,
  NUMBER,
  ORDER,
  ORDINARY,
  OUTPUTS,
  PORT,
  type Segment,
  STATE,
  TICKET,
  untickedCheck,
} from "./segment.js";
import { SegmentPool } from "./segment-pool.js";
import type { SendIntent } from "./send-intent.js";

/** The word of a log's control that counts published frames. */
export const PUBLISHED = 0;
/** The word that counts the announcements posted over the wire to the reader. */
export const ANNOUNCED = 1;
/** Set when the reader is gone. */
export const CLOSED = 1 << 31;
export const COUNT = 0x7fff_ffff;
/** Bytes of the control of a log. */
export const LOG_CONTROL = 64;

/** Longest payload in bytes that is copied word by word, which is faster than a call of `set`. */
const SHORT = 256;

/** Announces the memory of a log to its readers. */
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

/** A full segment and the number of its frames. */
interface Full {
  readonly segment: Segment;
  readonly frames: number;
}

/**
 * The writing end of a log: frames from one thread to another, in order, in segments of shared memory. A segment is
 * reused when all its frames are settled, in any order. A published frame outlives its writer.
 *
 * A frame is written, then published. A thread may be lost in between: its send intent tells the host what to undo.
 */
export class LogWriter {
  readonly #control: Int32Array;
  readonly #announce: Announcer;
  readonly #to: number;
  readonly #sendIntent: SendIntent;
  readonly #pool = new SegmentPool();
  #full: Full[] = [];
  #segment: Segment | undefined;
  /** Offset of the next frame, in bytes. */
  #at = 0;
  /** Length of the frame that is written and not published, in bytes. */
  #length = 0;
  /** Check of the frame, without its ticket. */
  #check = 0;
  #frames = 0;
  #published = 0;

  /** `to`: the reader. `note`: the send intent of the writing thread. */
  constructor(control: Int32Array, to: number, note: SendIntent, announce: Announcer) {
    this.#control = control;
    this.#to = to;
    this.#sendIntent = note;
    this.#announce = announce;
  }

  /** Called when the log has allocated a segment. */
  onGrown: () => void = () => {};

  get isClosed(): boolean {
    return (Atomics.load(this.#control, PUBLISHED) & CLOSED) !== 0;
  }

  /** Writes a frame with the first `size` bytes of `payload`, in place of an unpublished one. */
  write(kind: number, port: number, flags: number, payload: Uint8Array, size: number): void {
    const segment = this.#room((FRAME_HEADER + size + 7) & ~7);
    segment.bytes.set(payload.subarray(0, size), this.#at + FRAME_HEADER);
    this.#header(segment, (FRAME_HEADER + size + 7) & ~7, kind, port, flags);
  }

  /** Writes a frame whose payload is available in words. */
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
    words[at + OUTPUTS] = 0;
    words[at + PORT] = port;
    words[at + FLAGS] = flags;
    words[at + NUMBER] = this.#published;
    this.#length = length;
    this.#check = untickedCheck(words, at);
  }

  /** Writes a copy of a frame of another log, with its mark; `by` is the writer of its payload. */
  copy({ segment, payloadStart, payloadEnd, port, flags, mark }: Frame, by: number): void {
    const size = payloadEnd - payloadStart;
    // the segment has room for the writer's index: an end frame always fits after a frame
    this.write(COMPACTED, port, flags, segment.bytes.subarray(payloadStart, payloadEnd + WRITER), size + WRITER);
    const { words } = this.#segment as Segment;
    words[(this.#at + FRAME_HEADER + size) >>> 2] = by;
    this.mark(mark.state, mark.order, mark.outputs);
  }

  /** Records the written frame in the send intent: it is published next. */
  noted(): void {
    this.#sendIntent.publishing(this.#to, this.#published);
  }

  /** Marks the written frame as delivered before: sets the state, order and outputs for its home. */
  mark(state: number, order: number, outputs: number): void {
    const { words } = this.#segment as Segment;
    const at = this.#at >>> 2;
    words[at + STATE] = state;
    words[at + ORDER] = order;
    words[at + OUTPUTS] = outputs;
  }

  /**
   * Publishes the written frame; counts it first if it is a message of a flow, under the send intent. False when the
   * reader is gone: then it was not published.
   */
  publish(ticket: number, entering?: FlowCells): boolean {
    const { words } = this.#segment as Segment;
    const at = this.#at >>> 2;
    const before = this.#published;
    words[at + TICKET] = ticket;
    words[at + CHECK] = this.#check ^ ticket;
    if (entering !== undefined) {
      this.#sendIntent.publishing(this.#to, before);
      this.#sendIntent.enter(entering);
    }
    if (Atomics.compareExchange(this.#control, PUBLISHED, before, (before + 1) & COUNT) !== before) return false;
    this.#published = (before + 1) & COUNT;
    this.#at += this.#length;
    this.#frames++;
    return true;
  }

  /**
   * Admits the written frame to a port within `limit`, and publishes it, under the send intent. `passing`: flags of the
   * port to ignore. Returns undefined when the port has no room or admits nothing; the ticket when the reader is gone
   * and the frame must be published elsewhere; else true.
   */
  publishAccepted(port: Int32Array, limit: number, passing: number, entering?: FlowCells): true | number | undefined {
    for (;;) {
      const { words } = this.#segment as Segment;
      const at = this.#at >>> 2;
      const before = this.#published;
      const released = Atomics.load(port, RELEASED);
      const admitted = Atomics.load(port, ADMITTED);
      const ticket = admitted & ADMISSIONS;
      if ((admitted & ~ADMISSIONS & ~passing) !== 0) return undefined;
      if (((ticket - released) & ADMISSIONS) >= limit) {
        if (Atomics.load(port, RELEASED) !== released) continue; // a message has left the queue since: try again
        return undefined;
      }
      const next = (admitted & ~ADMISSIONS) | ((ticket + 1) & ADMISSIONS);
      if (Atomics.compareExchange(port, ADMITTED, admitted, next) !== admitted) continue;
      words[at + TICKET] = ticket;
      words[at + CHECK] = this.#check ^ ticket;
      this.#sendIntent.publishing(this.#to, before);
      if (entering !== undefined) this.#sendIntent.enter(entering);
      if (Atomics.compareExchange(this.#control, PUBLISHED, before, (before + 1) & COUNT) !== before) return ticket;
      this.#published = (before + 1) & COUNT;
      this.#at += this.#length;
      this.#frames++;
      return true;
    }
  }

  /** True if memory may become free. */
  get mayTrim(): boolean {
    return this.#isLarge || this.#full.length > 0 || this.#pool.freeBytes > ORDINARY;
  }

  /** Releases memory that was not needed since the last call. True when a frame was published. */
  trim(): boolean {
    const isLarge = this.#isLarge;
    if (isLarge) this.#advance(0);
    else this.#reclaim();
    this.#pool.trim(({ id }) => this.#announce.forget(id));
    return isLarge;
  }

  /** True if the current segment was allocated for one large frame. */
  get #isLarge(): boolean {
    return this.#segment !== undefined && this.#segment.bytes.length > ORDINARY;
  }

  /** Continues in a segment with room for a frame of `length` and the end frame after it. */
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

  /** Returns segments to the pool whose frames are all settled. */
  #reclaim(): void {
    const full: Full[] = [];
    for (const one of this.#full) {
      if (one.segment.settled < one.frames) full.push(one);
      else this.#pool.give(one.segment);
    }
    this.#full = full;
  }
}
