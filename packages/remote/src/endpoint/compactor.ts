import type { Entry } from "../account/entry.js";
import type { Inbox } from "../account/inbox.js";
import type { Frame } from "../ring/frame.js";
import type { LogReader } from "../ring/log-reader.js";
import type { LogWriter } from "../ring/log-writer.js";
import type { Links } from "./links.js";

/** Bytes of sparse segments that are not compacted. */
const SLACK = 1024 * 1024;

/**
 * Log compaction: a message that is queued or in flight for long pins its segment, however little of it the message
 * uses. Such messages move to the home's log to itself. Segments then take at most about four times their live bytes,
 * and less than half of the traffic is copied.
 */
export class Compactor {
  readonly #index: number;
  readonly #links: Links;

  /** `index`: the thread that reads the links. */
  constructor(index: number, links: Links) {
    this.#index = index;
    this.#links = links;
  }

  /** Compacts sparse segments. All received messages must be in `inboxes`. */
  run(inboxes: Iterable<Inbox>): void {
    const self = this.#links.get(this.#index);
    if (self === undefined || !self.reader.isRead || !this.#isWorthIt()) return;
    for (const inbox of inboxes) {
      for (const entry of inbox.entries()) {
        if (entry.frame?.segment.isSparse) move(entry, self.writer, self.reader, this.#index);
      }
    }
  }

  #isWorthIt(): boolean {
    let [sparse, live] = [0, 0];
    for (const { reader } of this.#links.list) {
      for (const segment of reader.segments) {
        live += segment.live;
        if (segment.isSparse) sparse += segment.bytes.length;
      }
    }
    return sparse > SLACK + live / 2;
  }
}

/**
 * Moves a message to its home's log to itself. The home may be lost between any two stores, so the message is first
 * published there with its state, then settled here; in between it is in both logs.
 */
export function move(entry: Entry, writer: LogWriter, reader: LogReader, log: number): void {
  const frame = entry.frame as Frame;
  writer.copy(frame, entry.by);
  if (!writer.publish(entry.ticket)) return; // the host has given up this thread
  entry.frame = reader.next(reader.published);
  entry.log = log;
  frame.settle();
}
