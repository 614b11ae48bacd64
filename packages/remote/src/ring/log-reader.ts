import type { Shape } from "../codec/shapes.js";
import { COMPACTED, END, Frame, SETTLED } from "./frame.js";
import { CLOSED, COUNT, PUBLISHED } from "./log-writer.js";
import { reportFreed } from "./report-freed.js";
import { CHECK, checkOf, FIRST_FRAME, FRAME_HEADER, KIND, LENGTH, NUMBER, Segment } from "./segment.js";

/** Error for an invalid frame in a log: other code wrote to its memory. */
export class CorruptLog extends Error {}

/** The reading end of a log. */
export class LogReader {
  readonly #control: Int32Array;
  readonly #segments = new Map<number, Segment>();
  #segment: Segment | undefined;
  #at = FIRST_FRAME;
  #read = 0;
  /** Number of segments that were read to their ends. */
  ends = 0;

  constructor(control: Int32Array) {
    this.#control = control;
  }

  /** Shapes of its messages, once its writer has ended. */
  shapes: readonly Shape[] | undefined;

  /** The words of a segment. */
  words(id: number): Int32Array | undefined {
    return this.#segments.get(id)?.words;
  }

  add(id: number, memory: SharedArrayBuffer): void {
    this.#segments.set(id, new Segment(id, memory));
  }

  forget(id: number): void {
    const segment = this.#segments.get(id);
    if (segment === undefined) return;
    this.#segments.delete(id);
    reportFreed(segment.bytes.length);
  }

  get segments(): Iterable<Segment> {
    return this.#segments.values();
  }

  /** Forgets all segments: the unprocessed frames were taken over. */
  clear(): void {
    for (const id of [...this.#segments.keys()]) this.forget(id);
  }

  /** True if every published frame is settled. */
  get isEmpty(): boolean {
    return this.left()[Symbol.iterator]().next().done === true;
  }

  /** Writers of the unsettled payloads that were moved to this log. */
  get writers(): ReadonlySet<number | undefined> {
    return new Set([...this.left()].map(({ writer }) => writer));
  }

  /** Number of published frames, modulo 2^31. */
  get published(): number {
    return Atomics.load(this.#control, PUBLISHED) & COUNT;
  }

  get isRead(): boolean {
    return this.published === this.#read;
  }

  /** Closes the log: nothing more can be published. */
  close(): void {
    Atomics.or(this.#control, PUBLISHED, CLOSED);
  }

  /** The next of the first `published` frames, or undefined. Throws `CorruptLog`. */
  next(published: number): Frame | undefined {
    while (this.#read !== published) {
      const segment = this.#segment ?? this.#find(0);
      const frame = this.#frame(segment);
      this.#read = (this.#read + 1) & COUNT;
      if (frame.kind !== END) return frame;
      this.#segment = this.#find(frame.port);
      this.#at = FIRST_FRAME;
      frame.settle();
      segment.close();
      this.ends++;
    }
    return undefined;
  }

  /** Published frames that are not settled, in no order between segments: for taking over from a lost reader. */
  *left(): Generator<Frame> {
    const { published } = this;
    for (const segment of this.#segments.values()) yield* unsettled(segment, published);
  }

  #find(id: number): Segment {
    const segment = this.#segments.get(id);
    if (segment === undefined) throw new CorruptLog(`segment ${id} was never announced`);
    segment.open();
    this.#segment = segment;
    return segment;
  }

  #frame(segment: Segment): Frame {
    const at = this.#at >>> 2;
    const kind = kindAt(segment, at);
    if (kind === undefined || segment.words[at + NUMBER] !== this.#read) {
      throw new CorruptLog(`no frame at byte ${this.#at} of segment ${segment.id}`);
    }
    const frame = new Frame(segment, at, kind);
    const { length } = frame;
    this.#at += length;
    segment.live += length;
    return frame;
  }
}

/** The kind of the frame at `at`; undefined where there is none. */
function kindAt({ words }: Segment, at: number): number | undefined {
  if (at * 4 + FRAME_HEADER > words.length * 4) return undefined;
  const length = words[at + LENGTH] as number;
  const kind = words[at + KIND] as number;
  if (length < FRAME_HEADER || (length & 7) !== 0 || at * 4 + length > words.length * 4) return undefined;
  if (kind < END || kind > COMPACTED) return undefined;
  return words[at + CHECK] === checkOf(words, at) ? kind : undefined;
}

/**
 * Unsettled frames of a segment. Frames of an earlier use may follow; they are settled, or have a number out of
 * sequence.
 */
function* unsettled(segment: Segment, published: number): Iterable<Frame> {
  const { words } = segment;
  let number: number | undefined;
  for (let at = FIRST_FRAME >>> 2, kind = kindAt(segment, at); kind !== undefined; kind = kindAt(segment, at)) {
    const own = words[at + NUMBER] as number;
    const isPublished = ((published - own) & COUNT) - 1 < COUNT >>> 1 && own !== published;
    if (!isPublished || (number !== undefined && own !== ((number + 1) & COUNT))) return;
    number = own;
    const frame = new Frame(segment, at, kind);
    if (kind !== END && frame.where !== SETTLED) yield frame;
    at += (words[at + LENGTH] as number) >>> 2;
  }
}
