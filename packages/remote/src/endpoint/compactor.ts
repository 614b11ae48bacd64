import type { Entry } from "../account/entry.js";
import type { Inbox } from "../account/inbox.js";
import type { Frame } from "../ring/frame.js";
import type { LogReader } from "../ring/log-reader.js";
import type { LogWriter } from "../ring/log-writer.js";
import type { Links } from "./links.js";

/** Bytes of sparse segments that are left alone. */
const SLACK = 1024 * 1024;

/**
 * Log compaction: what is queued or in hand for long pins the segment in which it lies, however little it is beside the
 * traffic that went by. Such messages move to the log of their home to itself. So segments take four times what they
 * hold, and a little, at most; and what is copied is less than half of what went by.
 */
export class Compactor {
  readonly #index: number;
  readonly #links: Links;

  /** `index` of the thread that reads the links. */
  constructor(index: number, links: Links) {
    this.#index = index;
    this.#links = links;
  }

  /** All that came is in these inboxes. */
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
 * Moves a message to the log of its home to itself. Its home may be lost between any two stores: the message is published
 * there as it is here, and settled here then; in between it lies in both.
 */
export function move(entry: Entry, writer: LogWriter, reader: LogReader, log: number): void {
  const frame = entry.frame as Frame;
  writer.copy(frame, entry.by);
  if (!writer.publish(entry.ticket)) return; // this thread is taken for lost
  entry.frame = reader.next(reader.published);
  entry.log = log;
  frame.settle();
}
