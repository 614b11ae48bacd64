import { body, defineMessage } from "@ringline/core";
import {
  type AnyMessage,
  copyMessage,
  envelopeOf,
  leftQueueOf,
  SharedCounts,
  systemClock,
} from "@ringline/core/internal";
import { Entry } from "../../src/account/entry.js";
import { Inbox, type InboxHome } from "../../src/account/inbox.js";
import { COUNT, PORT_BLOCK, PortBlock, RELEASED } from "../../src/account/port-block.js";
import { SharedAccount } from "../../src/account/shared-account.js";
import { takeOver } from "../../src/account/takeover.js";
import { copiedBuffers } from "../../src/codec/buffer-wire.js";
import { MessageCodec, type RequesterRef } from "../../src/codec/message-codec.js";
import { move } from "../../src/endpoint/compactor.js";
import { BELL } from "../../src/ring/bell.js";
import { MESSAGE } from "../../src/ring/frame.js";
import { LogReader } from "../../src/ring/log-reader.js";
import { LOG_CONTROL, LogWriter } from "../../src/ring/log-writer.js";
import { SendIntent } from "../../src/ring/send-intent.js";
import { OriginTable } from "../../src/tables/origin-table.js";
import { passed, recorded } from "./points.js";

export const Item = defineMessage("Item", body<{ n: number }>());
const PORT = 7;
const READER = 5;
const noAskers = { refer: () => ({}) as RequesterRef, resolve: () => ({}) as never };

export interface Kind {
  readonly strategy: "block" | "reject" | "drop-oldest";
  readonly isInput: boolean;
  readonly isFlow: boolean;
}

/** Record of the writes of one sender. */
class Log {
  readonly control = new SharedArrayBuffer(LOG_CONTROL);
  readonly #segments = new Map<number, SharedArrayBuffer>();
  readonly #readers: { readonly reader: LogReader; readonly isWatched: boolean }[] = [];

  reader(isWatched: boolean): LogReader {
    const make = () => {
      const reader = new LogReader(new Int32Array(this.control));
      for (const [id, memory] of this.#segments) reader.add(id, memory);
      return reader;
    };
    const reader = isWatched ? recorded(make) : make();
    this.#readers.push({ reader, isWatched });
    return reader;
  }

  add(id: number, memory: SharedArrayBuffer): void {
    this.#segments.set(id, memory);
    for (const { reader, isWatched } of this.#readers) {
      if (isWatched) recorded(() => reader.add(id, memory));
      else reader.add(id, memory);
    }
  }
}

/** A sender, the home of a port, and whoever takes over from either: each with objects of its own, on the same memory. */
export class BenchPort {
  readonly capacity = 4;
  readonly kind: Kind;
  readonly port = new SharedArrayBuffer(PORT_BLOCK);
  readonly bell = new SharedArrayBuffer(BELL);
  readonly logs: Log[] = [];
  /** Of the home to itself: both ends, and its number. */
  #self!: { readonly writer: LogWriter; readonly reader: LogReader; readonly index: number };
  readonly counts = new SharedCounts({ id: 0, flow: "f", regionsOf: [[0, 1]], regions: 2, size: 4 });
  /** By message: how often somebody was told that it was dropped or is a dead letter. */
  readonly drops: number[] = [];
  readonly letters: number[] = [];
  block = new PortBlock(this.port);
  inbox!: Inbox;
  #sender: { readonly writer: LogWriter; readonly note: SendIntent };
  #sent = 0;

  constructor(kind: Kind) {
    this.kind = kind;
    this.block.isOpen = true;
    this.counts.begin(0, 1);
    this.#sender = this.#makeSender();
    this.inbox = this.#home(true, false);
  }

  get limit(): number {
    return this.kind.strategy === "drop-oldest" ? 2 * this.capacity : this.capacity;
  }

  /** The home is one that may be lost. */
  watched(): void {
    this.inbox = this.#home(true, true);
  }
  watchedSender(): void {
    this.#sender = recorded(() => this.#makeSender());
  }

  #makeSender() {
    const note = new SendIntent(this.bell);
    const log = new Log();
    this.logs.push(log);
    const writer = new LogWriter(new Int32Array(log.control), READER, note, {
      segment: (id, memory) => log.add(id, memory),
      forget() {},
    });
    return { note, writer };
  }

  /** The home moves out of their logs what is queued or in hand. */
  compact(): void {
    const { writer, reader, index } = this.#self;
    this.inbox.withdraw(); // has it look at what came
    for (const entry of [...this.inbox.entries()]) move(entry, writer, reader, index);
  }

  #makeSelf(isWatched: boolean) {
    const log = new Log();
    const index = this.logs.push(log) - 1;
    const make = () =>
      new LogWriter(new Int32Array(log.control), READER, new SendIntent(this.bell), {
        segment: (id, memory) => log.add(id, memory),
        forget() {},
      });
    return { writer: isWatched ? recorded(make) : make(), reader: log.reader(isWatched), index };
  }

  #codec(): MessageCodec {
    const origins = new OriginTable(false, { messageLeft() {}, cancelled() {} });
    origins.join(this.counts.setup);
    return new MessageCodec(noAskers, origins, copiedBuffers);
  }

  /** `reads`: what was not read by somebody before. */
  #home(reads: boolean, isWatched: boolean): Inbox {
    const self = this.#makeSelf(isWatched);
    this.#self = self;
    const readers = new Map<Log, LogReader>();
    const codec = this.#codec();
    const block = isWatched ? recorded(() => new PortBlock(this.port)) : new PortBlock(this.port);
    const passed = reads ? 0 : this.logs.length;
    const pull = () => {
      for (const [index, log] of this.logs.entries()) {
        if (index < passed || index === self.index) continue;
        const reader = readers.get(log) ?? log.reader(isWatched);
        readers.set(log, reader);
        for (let frame = reader.next(reader.published); frame; frame = reader.next(reader.published)) {
          inbox.arrive(new Entry(frame.ticket, frame.flags & 0xff, frame, index, this.#shapes, undefined));
        }
      }
      inbox.wake();
    };
    const { isInput, strategy } = this.kind;
    const tell = (list: number[]) => (entry: Entry) => this.#told(list, inbox, entry);
    const home: InboxHome = {
      ...{ clock: systemClock, reportsLater: true, roomAvailable() {} },
      ...{ dropped: tell(this.drops), unprocessed: tell(this.letters), unreadable: tell(this.letters) },
    };
    const inbox: Inbox = new Inbox(
      { id: PORT, capacity: this.capacity, isInput, dropsOldest: strategy === "drop-oldest", telemetry: undefined },
      block,
      { ...{ index: READER, codec, intake: { pull }, poll: pull, idle() {}, noteDelivery() {} } },
      home,
    );
    if (this.kind.isFlow && isInput) inbox.assignment = { node: 0, isCounted: true };
    return inbox;
  }

  readonly #shapes = [{ id: 0, type: "Item", keys: ["n"] }] as never;

  /** The latest that was told: what its home had told and not settled is known by that. */
  #latest = -1;
  readonly #removed = new Set<number>();

  #told(list: number[], inbox: Inbox, entry: Entry): void {
    this.#count(list, inbox.read(entry), entry.ticket);
  }

  #count(list: number[], message: AnyMessage, ticket: number): void {
    const { n } = message as unknown as { n: number };
    list[n] = (list[n] ?? 0) + 1;
    this.#latest = ticket;
    passed();
  }

  /** A dead letter of the kernel is told. */
  tell(message: AnyMessage): void {
    this.inbox.reported(message, (ticket) => this.#count(this.letters, message, ticket));
  }

  /** Removes the queue: takes the messages out, reports all of them at once, and then settles them. */
  remove(): void {
    this.inbox.withdraw();
    const entries = this.inbox.empty(false);
    for (const { message, ticket } of entries.map((entry) => ({ ...entry, message: this.inbox.read(entry) }))) {
      this.letters[(message as unknown as { n: number }).n] = 1;
      this.#removed.add(ticket);
    }
    passed();
    for (const entry of entries) entry.settle();
  }

  /** Sends the next message. False where the port has no room. */
  send(): boolean {
    const { writer, note } = this.#sender;
    const codec = new MessageCodec(
      noAskers,
      {
        write(_, out) {
          out.word(0);
          out.word(0);
          out.word(2);
        },
        read: () => undefined,
      },
      copiedBuffers,
    );
    const origin = { flow: "f" } as never;
    const message = Item({ n: this.#sent });
    codec.encode(this.kind.isFlow ? inFlow(message as unknown as AnyMessage, origin) : (message as never), false);
    writer.writeWords(MESSAGE, PORT, 128, codec.out);
    note.begin(PORT);
    const cells = this.kind.isFlow ? this.cells() : undefined;
    const accepted = writer.publishAccepted(new PortBlock(this.port).words, this.limit, 0, cells);
    note.end();
    if (accepted === true) this.#sent++;
    return accepted === true;
  }

  cells() {
    const { counts } = this;
    const region = (i: number) => counts.regionAt(0, 0, i);
    return {
      ...{ flow: 1, words: counts.words, live: counts.liveAt(0), load: counts.loadAt(0, 0) },
      ...{ region0: region(0), region1: region(1), region2: region(2), region3: region(3) },
    };
  }

  /** The home is lost: takes over what is left; whoever does so may be lost in turn. */
  takeOver(isWatched = false): void {
    const readers = this.logs.map((log) => log.reader(isWatched));
    this.block = new PortBlock(this.port);
    const account = new SharedAccount(this.block);
    account.recover({ segment: (log, segment) => readers[log]?.words(segment), flow: () => this.counts.words });
    const entries = readers.flatMap((reader, by) =>
      [...reader.left()]
        .filter(({ isMessage }) => isMessage)
        .map((frame) => new Entry(frame.ticket, frame.flags & 0xff, frame, by, this.#shapes, undefined)),
    );
    const inbox = this.#home(false, isWatched);
    const isTold = ({ ticket }: Entry) => ticket === this.#latest || this.#removed.has(ticket);
    this.inbox = inbox;
    takeOver(inbox, entries, {
      dropped: (entry) => isTold(entry) || this.#told(this.drops, inbox, entry),
      dead: (entry) => isTold(entry) || this.#told(this.letters, inbox, entry),
    });
  }

  /** The sender is lost; what it had sent lies in its log, and another one goes on in its own. */
  withdraw(): void {
    new SendIntent(this.bell).recover(() => this.logs.at(-1)?.reader(false).published, {
      flow: () => this.counts.words,
      segment: () => undefined,
    });
    this.inbox.withdraw();
    this.#sender = this.#makeSender();
  }

  /** The words of the account agree with one another. */
  get isSound(): boolean {
    const { words, cells } = new PortBlock(this.port);
    return (leftQueueOf(cells) & COUNT) === words[RELEASED] && words[48] === 0;
  }
}

function inFlow(message: AnyMessage, origin: never): AnyMessage {
  return copyMessage(message, { ...envelopeOf(message), lineage: { requester: undefined, origin } });
}
