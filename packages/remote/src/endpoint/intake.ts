import { Entry, type PortHome } from "../account/entry.js";
import type { Inbox } from "../account/inbox.js";
import { difference } from "../account/port-block.js";
import type { Control, ControlPacker, Handlers } from "../calls/handlers.js";
import { EARLY, type Frame, LEAVE, MESSAGE } from "../ring/frame.js";
import { Compactor } from "./compactor.js";
import { readLeave } from "./leave-frame.js";
import type { Link } from "./link.js";
import type { Links } from "./links.js";

/** Reads the logs of other threads: messages for its inboxes, and controls. */
export class Intake {
  readonly #links: Links;
  readonly #handlers: Handlers;
  readonly #packer: ControlPacker;
  readonly #inboxes = new Map<number, Inbox>();
  /** Controls to handle after the messages that came before them. */
  readonly #deferred: { control: Control; from: Link }[] = [];
  readonly #compactor: Compactor;
  /** Callers of `catchUp`. */
  readonly #waiting: (() => void)[] = [];
  #isPulling = false;
  /** True if a segment was read to its end. */
  #hasTurned = false;
  /** Handles messages for ports without an inbox here. */
  onStray: (frame: Frame, from: Link) => void = (frame) => frame.settle();
  /** Handles a corrupt log. */
  onCorrupt: (from: Link, error: unknown) => void = () => {};

  constructor(index: number, links: Links, handlers: Handlers, packer: ControlPacker) {
    this.#compactor = new Compactor(index, links);
    this.#packer = packer;
    this.#links = links;
    this.#handlers = handlers;
  }

  open(inbox: Inbox): void {
    this.#inboxes.set(inbox.id, inbox);
  }
  close(id: number): void {
    this.#inboxes.delete(id);
  }
  /** The inbox of a port that is at home here. */
  inbox(id: number): Inbox | undefined {
    return this.#inboxes.get(id);
  }

  /**
   * Reads all logs. True when there were messages. While announcements are on their way nothing is read: the last one
   * wakes this thread.
   */
  pull(): boolean {
    if (this.#isPulling) return false;
    const wasBehind = this.#links.isBehind;
    let isBusy = this.#pull();
    if (this.#links.isBehind) return isBusy;
    // what was published while announcements were on their way
    if (wasBehind) isBusy = this.#pull() || isBusy;
    if (!this.#links.isBehind) for (const resume of this.#waiting.splice(0)) resume();
    return isBusy;
  }

  /** Reads everything that is published by now: at once where possible (undefined), else by the time that the promise resolves. */
  catchUp(): Promise<void> | undefined {
    this.pull();
    return this.#links.isBehind ? new Promise((resolve) => this.#waiting.push(resolve)) : undefined;
  }

  #pull(): boolean {
    this.#isPulling = true;
    const batch: Entry[] = [];
    try {
      const tails = this.#links.readableTails();
      if (tails === undefined) return false;
      let senders = 0;
      const { list } = this.#links;
      for (let i = 0; i < list.length; i++) {
        const before = batch.length;
        this.#read(list[i] as Link, tails[i] as number, batch);
        if (batch.length > before) senders++;
      }
      if (senders > 1) batch.sort(byTicket);
    } finally {
      for (let i = 0; i < batch.length; i++) (batch[i] as Entry).inbox?.arrive(batch[i] as Entry);
      this.#isPulling = false;
    }
    if (this.#hasTurned) {
      this.#hasTurned = false;
      this.#compactor.run(this.#inboxes.values());
    }
    // woken readers may poll again, so all messages are queued first
    for (let i = 0; i < batch.length; i++) (batch[i] as Entry).inbox?.wake();
    return batch.length > 0;
  }

  get hasDeferred(): boolean {
    return this.#deferred.length > 0;
  }
  /** Handles the deferred controls. */
  readonly runDeferred = (): void => {
    for (let next = this.#deferred.shift(); next !== undefined; next = this.#deferred.shift()) {
      this.#handlers.handle(next.control, next.from);
    }
  };

  #read(link: Link, published: number, batch: Entry[]): void {
    const { ends } = link.reader;
    try {
      for (let frame = link.reader.next(published); frame !== undefined; frame = link.reader.next(published)) {
        if (frame.kind === MESSAGE) this.#arrive(frame, link, batch);
        else this.#control(frame, link);
      }
    } catch (error) {
      this.onCorrupt(link, error);
    }
    if (link.reader.ends !== ends) this.#hasTurned = true;
  }

  #arrive(frame: Frame, link: Link, batch: Entry[]): void {
    const inbox = this.#inboxes.get(frame.port);
    if (inbox === undefined) {
      this.onStray(frame, link);
      return;
    }
    const entry = new Entry(frame.ticket, frame.flags & 0xff, frame, link.index, link.shapes, undefined);
    entry.inbox = inbox;
    batch.push(entry);
  }

  #control(frame: Frame, from: Link): void {
    if (frame.kind === LEAVE) {
      this.#deferred.push({ control: readLeave(frame), from });
      frame.settle();
      return;
    }
    const bytes = frame.segment.bytes.slice(frame.payloadStart, frame.payloadStart + frame.port);
    frame.settle();
    const control = this.#packer.unpack(bytes) as Control;
    if (frame.kind === EARLY) this.#handlers.handle(control, from);
    else this.#deferred.push({ control, from });
  }
}

function byTicket(a: Entry, b: Entry): number {
  return (a.inbox as PortHome).id - (b.inbox as PortHome).id || difference(a.ticket, b.ticket);
}
