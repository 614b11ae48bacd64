import { randomUUID } from "node:crypto";
import { type JetStreamManager, jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection, Subscription } from "@nats-io/transport-node";
import {
  type AnyRinglineError,
  errors,
  type Keeper,
  type KeptLog,
  type KeptRecord,
  type LogEvents,
  type Piece,
} from "@ringline/core";
import { packValue, unpackValue } from "@ringline/remote";
import { Appender } from "./appender.js";
import { ensure, type FlowStream, type Found, flowStream, type KeepingOptions, readAll } from "./flow-stream.js";
import { framesOf } from "./frame.js";
import { onTakeover, takeOverFrom } from "./takeover.js";

/** Bytes that a server adds to a frame. */
const HEADERS = 1024;
/** Milliseconds that opening waits for the first frame to be stored. */
const BEGINNING = 5000;

/** A piece whose frames are in transit: order of the last of them. */
interface Sent {
  readonly order: number;
  readonly bytes: number;
  kept(piece: Piece): void;
}

/** Keeper of durable flows in JetStream: each log has its own stream. */
export function streamKeeper(client: NatsConnection, prefix: string, options: KeepingOptions): Omit<Keeper, "close"> {
  return {
    open: (name, events) => StreamLog.open(client, flowStream(prefix, name), name, options, events),
    pack: packValue,
    unpack: (packed) => unpackValue(packed as Uint8Array),
  };
}

/** A log in a JetStream stream, seen by the program that owns it. */
class StreamLog implements KeptLog {
  /** Maximum number of pieces in transit to the server; records written meanwhile wait, and are sent together. */
  readonly ahead = 16;
  readonly linger = 0;
  readonly #name: string;
  readonly #stream: string;
  readonly #manager: JetStreamManager;
  readonly #most: number;
  readonly #appender: Appender;
  readonly #events: LogEvents;
  readonly #sent: Sent[] = [];
  #found: KeptLog["found"];
  /** Sequence up to which frames may be deleted. */
  #trimTo = 0;
  #isTrimming = false;
  #isClosed = false;
  #taking: Subscription | undefined;

  private constructor(
    client: NatsConnection,
    manager: JetStreamManager,
    place: FlowStream,
    name: string,
    { pieces, last }: Found,
    options: KeepingOptions,
    events: LogEvents,
  ) {
    const { stream, subject } = place;
    this.#name = name;
    this.#stream = stream;
    this.#manager = manager;
    this.#most = (client.info?.max_payload ?? 1024 * 1024) - HEADERS;
    this.#events = events;
    this.#found = pieces;
    this.#appender = new Appender(
      {
        ...{ client: jetstream(client), manager, stream, subject, writer: randomUUID() },
        kept: (order, sequence) => this.#keptUpTo(order, sequence),
        refused: (cause) => events.writeFailed(unavailable(name, cause)),
        lost: (reason) => {
          this.#taking?.unsubscribe();
          events.lost(new Error(reason));
        },
        renew: () => this.#rewrite(place, options),
      },
      last,
    );
  }

  /**
   * Takes the log over: earlier writers can no longer append. Rejects with `BACKEND_UNAVAILABLE` if the server has no
   * JetStream, or the log cannot be read, and with `FLOW_TAKEN` if another program takes it at the same time.
   */
  static async open(
    client: NatsConnection,
    place: FlowStream,
    name: string,
    options: KeepingOptions,
    events: LogEvents,
  ): Promise<StreamLog> {
    try {
      const manager = await jetstreamManager(client);
      await takeOverFrom(client, place.takeover, name);
      await ensure(manager, place, options);
      const found = await readAll(client, manager, place);
      const begun = new OpeningEvents(name, events);
      const log = new StreamLog(client, manager, place, name, found, options, begun);
      await log.#begin(begun);
      log.#taking = onTakeover(client, place.takeover, name, async () => {
        await events.wanted();
        await log.close();
      });
      return log;
    } catch (error) {
      if (error instanceof errors.FLOW_TAKEN) throw error;
      throw unavailable(name, error);
    }
  }

  /** Appends the first frame, which locks earlier writers out. Rejects if the frame cannot be stored. */
  async #begin(begun: OpeningEvents): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`nothing was kept for ${BEGINNING} ms`)), BEGINNING);
    });
    try {
      await Promise.race([this.append([]), begun.failed, late]);
      begun.isOver = true;
    } catch (error) {
      this.#appender.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  get found(): KeptLog["found"] {
    const found = this.#found;
    this.#found = [];
    return found;
  }

  append(records: readonly KeptRecord[]): Promise<Piece> {
    return new Promise((kept) => {
      if (this.#isClosed) return;
      const frames = framesOf(records, this.#most);
      const orders = frames.map((frame) => this.#appender.append(frame));
      const bytes = frames.reduce((sum, { length }) => sum + length, 0);
      this.#sent.push({ order: orders.at(-1) as number, bytes, kept });
    });
  }

  trim(sequence: number): void {
    this.#trimTo = sequence;
    void this.#purge();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#taking?.unsubscribe();
    this.#appender.close();
  }

  /** Creates a deleted stream again; the flow then rewrites the records that it needs. */
  async #rewrite(place: FlowStream, options: KeepingOptions): Promise<void> {
    await ensure(this.#manager, place, options);
    this.#trimTo = 0;
    this.#events.emptied(); // first, as pieces that are trimmed during the notification belong to the new stream
    const cause = new Error(`the stream ${place.stream} was deleted, and begins anew`);
    this.#events.writeFailed(unavailable(this.#name, cause));
  }

  #keptUpTo(order: number, sequence: number): void {
    for (let [first] = this.#sent; first !== undefined && first.order <= order; [first] = this.#sent) {
      this.#sent.shift();
      first.kept({ sequence, bytes: first.bytes });
    }
  }

  /** Deletes trimmed frames, with one request at a time. */
  async #purge(): Promise<void> {
    if (this.#isTrimming) return;
    this.#isTrimming = true;
    for (let done = 0; done < this.#trimTo; ) {
      const seq = this.#trimTo;
      await this.#manager.streams.purge(this.#stream, { seq: seq + 1 }).catch(() => {}); // the next purge covers it
      done = seq;
    }
    this.#isTrimming = false;
  }
}

/** Events of a log until its first frame is stored: a failure in that time is a failure to open it. */
class OpeningEvents implements LogEvents {
  readonly failed: Promise<never>;
  isOver = false;
  readonly #name: string;
  readonly #events: LogEvents;
  #fail!: (error: unknown) => void;

  constructor(name: string, events: LogEvents) {
    this.#name = name;
    this.#events = events;
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => {});
  }

  writeFailed(error: AnyRinglineError): void {
    if (this.isOver) this.#events.writeFailed(error);
    else this.#fail(error.cause);
  }
  wanted(): Promise<void> {
    return this.#events.wanted();
  }
  lost(cause: Error): void {
    if (this.isOver) this.#events.lost(cause);
    else this.#fail(new errors.FLOW_TAKEN({ flow: this.#name }, { kernelId: this.#name, cause }));
  }
  emptied(): void {
    if (this.isOver) this.#events.emptied();
  }
}

function unavailable(flow: string, cause: unknown): AnyRinglineError {
  const remedy = "Start the server with JetStream (nats-server -js), and see that its account may use it and has room.";
  return new errors.BACKEND_UNAVAILABLE({ backend: "nats" }, { cause, kernelId: flow, remedy });
}
