import { type ByteWriter, type Control, ENCODING } from "@ringline/remote";
import { handleItems, Items, type Listener, type MessageItem } from "./items.js";

/** First bytes of every frame: two letters, and the version of frames and of their encoding. */
const MAGIC = [0x52, 0x4c] as const;
export const VERSION = (5 << 4) | ENCODING;
const HEADER = 16;
/** Kinds of frames. A `PART` is continued by the next frame. */
const ITEMS = 0;
const PART = 1;
const HEARTBEAT = 2;
const RESEND = 3;
const STRANGER = 4;
const KINDS: ReadonlySet<number | undefined> = new Set([ITEMS, PART, HEARTBEAT, RESEND, STRANGER]);
/**
 * Limits in bytes, messages and finished messages that send the frame of a turn early, so that the other end starts in
 * parallel.
 */
const EARLY = 32 * 1024;
const MESSAGES = 768;
const DONE = 768;
/** Number of received frames after which they are acknowledged. */
const ACK_EVERY = 64;
/** Maximum bytes of items that are split over several frames. */
const LARGEST = 1024 ** 3;
/** The same before the other end has sent items that make sense: anybody could have begun the link. */
const LARGEST_UNPROVEN = 4 * 1024 ** 2;
/** Milliseconds between two requests to resend frames. */
const PATIENCE = 100;

export interface LinkOptions {
  /** Id of the link at both ends: a new link to the same host may follow an abandoned one. */
  readonly id: number;
  publish(bytes: Uint8Array): void;
  readonly listener: Listener;
  /** Called when the other end has abandoned this link, or sends invalid data. */
  lost(reason: string): void;
  /** Maximum bytes of a frame. */
  readonly limit: number;
}

/** True for a frame of this release. */
export function isFrame(bytes: Uint8Array): boolean {
  return bytes.length >= HEADER && bytes[0] === MAGIC[0] && bytes[1] === MAGIC[1] && bytes[2] === VERSION;
}

/** Id of the link that a frame belongs to, assigned by its runtime. */
export function linkIdOf(bytes: Uint8Array): number {
  return viewOf(bytes).getUint32(12, true);
}

/** Answer to a frame of an unknown link; undefined if the frame is such an answer itself. */
export function strangerFrame(bytes: Uint8Array): Uint8Array | undefined {
  return bytes[3] === STRANGER ? undefined : frameOf(STRANGER, 0, 0, linkIdOf(bytes));
}

/** True for the first frame of a link. */
export function isFirst(bytes: Uint8Array): boolean {
  return (bytes[3] === ITEMS || bytes[3] === PART) && viewOf(bytes).getUint32(4, true) === 1;
}

/**
 * One end of a link between a runtime and a host. Items arrive once and in order, also across connection losses: frames
 * are numbered, kept until acknowledged, and resent on request. The items of one turn of the event loop share a frame.
 */
export class ReliableLink {
  readonly #options: LinkOptions;
  readonly #items = new Items();
  readonly #early: number;
  #flushing = false;
  #sent = 0;
  #received = 0;
  #acknowledged = 0;
  #askedAt = 0;
  #kept: { readonly seq: number; readonly bytes: Uint8Array }[] = [];
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  #isClosed = false;
  /** True once the other end has sent items that make sense. */
  isProven = false;
  /** Time of the last frame from the other end, by `performance.now()`. */
  heardAt = performance.now();

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#early = Math.min(EARLY, options.limit);
  }

  get id(): number {
    return this.#options.id;
  }

  /** Extends the deadline of the other end after this end did not receive for a while. */
  extendDeadline(): void {
    this.heardAt = performance.now();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Sends a control item. Throws `SERIALIZATION`. */
  send(control: Control): void {
    if (this.#isClosed) return;
    this.#items.control(control);
    this.#schedule();
  }

  /** Sends a message for a kernel, or an output of one. */
  message(item: MessageItem, message: ByteWriter): void {
    if (this.#isClosed) return;
    this.#items.message(item, message);
    this.#schedule();
  }

  /** Reports a message that `unit` took. Messages that are taken and finished one by one are reported as a range. */
  took(unit: number, key: number): void {
    if (this.#isClosed) return;
    this.#items.took(unit, key);
    this.#schedule();
  }

  /** Reports a message that was taken as done. */
  done(unit: number, key: number): void {
    if (this.#isClosed) return;
    this.#items.didOne(unit, key);
    this.#schedule();
  }

  #schedule(): void {
    const { size, messages, done } = this.#items;
    if (size >= this.#early || messages >= MESSAGES || done >= DONE) this.flush();
    else if (!this.#flushing) {
      this.#flushing = true;
      setImmediate(this.#flushLater);
    }
  }

  readonly #flushLater = () => {
    this.#flushing = false;
    this.flush();
  };

  /** Sends the items that are not sent yet. */
  flush(): void {
    if (this.#isClosed) return;
    const room = this.#options.limit - HEADER;
    this.#items.take((body) => {
      for (let from = 0; from < body.length; from += room) {
        const isLast = from + room >= body.length;
        this.#sendFrame(isLast ? ITEMS : PART, body.subarray(from, from + room));
      }
    });
  }

  #sendFrame(kind: number, body: Uint8Array): void {
    const seq = ++this.#sent;
    const bytes = frameOf(kind, seq, this.#received, this.#options.id, body);
    this.#acknowledged = this.#received;
    this.#kept.push({ seq, bytes });
    this.#options.publish(bytes);
  }

  /** Sends a heartbeat, which acknowledges the received frames. */
  heartbeat(): void {
    if (this.#isClosed) return;
    this.#acknowledged = this.#received;
    this.#options.publish(frameOf(HEARTBEAT, this.#sent, this.#received, this.#options.id));
  }

  /** Returns false for a frame that is not of this link, or makes no sense. */
  receive(bytes: Uint8Array): boolean {
    const view = viewOf(bytes);
    const kind = bytes[3];
    if (linkIdOf(bytes) !== this.#options.id) return false; // frame of an abandoned link
    const seq = view.getUint32(4, true);
    if (!KINDS.has(kind)) return false;
    if (this.#isClosed) return true;
    this.heardAt = performance.now();
    if (kind === STRANGER) {
      this.#options.lost("it has given this runtime up");
      return true;
    }
    const heard = view.getUint32(8, true);
    if (heard > this.#sent) {
      // another sender uses the name of one end: later frames would be lost
      this.#options.lost("it has heard what was not said");
      return false;
    }
    this.#acknowledge(heard);
    if (kind === HEARTBEAT) {
      if (seq > this.#received) this.#requestMissing();
    } else if (kind === RESEND) {
      for (const kept of this.#kept) this.#options.publish(kept.bytes);
    } else if (seq === this.#received + 1) {
      return this.#take(kind === ITEMS, bytes.subarray(HEADER));
    } else if (seq > this.#received) {
      this.#requestMissing();
    }
    return true;
  }

  /** Closes the link: nothing more is sent or received. */
  close(): void {
    this.flush();
    this.#isClosed = true;
    this.#kept = [];
  }

  #acknowledge(seq: number): void {
    let done = 0;
    while (done < this.#kept.length && (this.#kept[done] as { seq: number }).seq <= seq) done++;
    if (done > 0) this.#kept.splice(0, done);
  }

  #requestMissing(): void {
    const now = performance.now();
    if (now - this.#askedAt < PATIENCE) return;
    this.#askedAt = now;
    this.#options.publish(frameOf(RESEND, this.#sent, this.#received, this.#options.id));
  }

  #take(isWhole: boolean, body: Uint8Array): boolean {
    this.#received++;
    if (this.#received - this.#acknowledged >= ACK_EVERY) this.heartbeat();
    this.#parts.push(body);
    this.#partBytes += body.length;
    if (!isWhole) {
      if (this.#partBytes > (this.isProven ? LARGEST : LARGEST_UNPROVEN))
        this.#options.lost("what it says does not end");
      return true;
    }
    const whole = this.#parts.length === 1 ? body : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#partBytes = 0;
    try {
      handleItems(whole, this.#options.listener);
      this.isProven = true;
      return true;
    } catch (error) {
      this.#options.lost(`what it says makes no sense (${(error as Error).message})`);
      return false;
    }
  }
}

function frameOf(kind: number, seq: number, received: number, line: number, body?: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER + (body?.length ?? 0));
  bytes.set([...MAGIC, VERSION, kind]);
  const view = viewOf(bytes);
  view.setUint32(4, seq, true);
  view.setUint32(8, received, true);
  view.setUint32(12, line, true);
  if (body !== undefined) bytes.set(body, HEADER);
  return bytes;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
