import { randomUUID } from "node:crypto";
import { type JetStreamManager, jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { type AnyRinglineError, errors } from "@ringline/core";
import type { AnyMessage, Clock, Journal, JournalRecord } from "@ringline/core/backend";
import { Appender } from "./appender.js";
import { ensure, type FlowStream, type Found, flowStream, type KeepingOptions, readAll } from "./flow-stream.js";
import { framesOf } from "./frame.js";
import { type PackedMessage, packMessage, unpackMessage } from "./packed-message.js";
import { wireOf } from "./record-wire.js";

/** Frames that may be on their way to the server; what is written meanwhile waits, and goes together. */
const AHEAD = 16;
/** Records that may wait to be kept. */
const MOST_RECORDS = 16_384;
/** Frames that make it worth while to have them trimmed. */
const WORTH = 64;
/** Bytes that a server adds to a frame. */
const HEADERS = 1024;
/** Milliseconds that an end waits for what is to be kept. */
const GRACE = 1000;

interface Waiting {
  /** The position up to which all has to be kept. */
  readonly position: number;
  resolve(): void;
  reject(error: AnyRinglineError): void;
}

/** The journal of a durable flow in a JetStream stream of its own. */
export class StreamJournal implements Journal {
  readonly first = 0;
  readonly lost: Promise<AnyRinglineError>;
  onTrouble: ((error: AnyRinglineError) => void) | undefined;
  readonly #clock: Clock;
  readonly #flow: string;
  readonly #stream: string;
  readonly #manager: JetStreamManager;
  readonly #most: number;
  readonly #appender: Appender;
  /** The position behind the records of each frame that is kept, the oldest first. */
  readonly #frames: { readonly sequence: number; readonly end: number }[];
  /** Positions behind the records of frames that are on their way. */
  readonly #sent: { readonly sequence: number; readonly end: number }[] = [];
  readonly #waiting: Waiting[] = [];
  #recorded: readonly JournalRecord[];
  #batch: JournalRecord[] = [];
  /** The position of the next record. */
  #next: number;
  /** All before it is kept. */
  #kept: number;
  #isScheduled = false;
  #trimmed = 0;
  #isTrimming = false;
  #failure: AnyRinglineError | undefined;
  #lose!: (error: AnyRinglineError) => void;

  private constructor(
    client: NatsConnection,
    manager: JetStreamManager,
    clock: Clock,
    flow: string,
    { stream, subject }: FlowStream,
    { records, frames, last }: Found,
  ) {
    this.#clock = clock;
    this.#flow = flow;
    this.#stream = stream;
    this.#manager = manager;
    this.#most = (client.info?.max_payload ?? 1024 * 1024) - HEADERS;
    this.#recorded = records;
    this.#frames = frames;
    this.#next = this.#kept = records.length;
    this.lost = new Promise((resolve) => {
      this.#lose = resolve;
    });
    this.#appender = new Appender(
      {
        ...{ client: jetstream(client), manager, stream, subject, writer: randomUUID() },
        kept: (sequence) => this.#keptUpTo(sequence),
        refused: (cause) => this.onTrouble?.(unavailable(flow, cause)),
        lost: (reason) => this.#fail(new errors.FLOW_TAKEN({ flow }, { kernelId: flow, cause: new Error(reason) })),
      },
      last,
    );
  }

  /**
   * Takes the journal of a flow over: whoever wrote it before cannot do so any more. Rejects with `BACKEND_UNAVAILABLE` where
   * the server has no JetStream, or what is there cannot be read, and with `FLOW_TAKEN`.
   */
  static async open(
    client: NatsConnection,
    clock: Clock,
    prefix: string,
    flow: string,
    options: KeepingOptions,
  ): Promise<StreamJournal> {
    const place = flowStream(prefix, flow);
    try {
      const manager = await jetstreamManager(client);
      await ensure(manager, place, options);
      const journal = new StreamJournal(client, manager, clock, flow, place, await readAll(client, manager, place));
      journal.#append([]); // whoever wrote until now is refused from here on
      await journal.#keptAll();
      return journal;
    } catch (error) {
      if (error instanceof errors.FLOW_TAKEN) throw error;
      throw unavailable(flow, error);
    }
  }

  recorded(): readonly JournalRecord[] {
    const recorded = this.#recorded;
    this.#recorded = [];
    return recorded;
  }

  get hasRoom(): boolean {
    return this.#next - this.#kept < MOST_RECORDS;
  }

  async room(): Promise<void> {
    if (!this.hasRoom) await this.#keptAt(this.#next - MOST_RECORDS / 2);
  }

  pack(message: AnyMessage): PackedMessage {
    return packMessage(message, this.#clock);
  }

  unpack(packed: unknown): AnyMessage {
    return unpackMessage(packed as PackedMessage, this.#clock);
  }

  write(record: JournalRecord): number {
    if (this.#failure === undefined) this.#batch.push(record);
    this.#schedule();
    return this.#next++;
  }

  kept(): Promise<void> {
    return this.#keptAt(this.#next);
  }

  trim(position: number): void {
    let count = 0;
    while (count < this.#frames.length && (this.#frames[count]?.end as number) <= position) count++;
    if (count < WORTH || this.#isTrimming) return;
    const [last] = this.#frames.splice(0, count).slice(-1);
    this.#trimmed = last?.sequence as number;
    void this.#purge();
  }

  /** Resolves when all is kept, or could not be in time. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, GRACE);
    });
    await Promise.race([this.kept().catch(() => {}), late]);
    clearTimeout(timer);
    this.#appender.close();
    this.#fail(new errors.TERMINATED({ operation: "keep" }, { kernelId: this.#flow }), false);
  }

  /** What is written in one turn, and while as much is on its way as there may be, goes together. */
  #schedule(): void {
    if (this.#isScheduled || this.#failure !== undefined) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.#batch.length > 0 && this.#appender.size < AHEAD) this.#append(this.#batch.splice(0));
    });
  }

  #append(records: readonly JournalRecord[]): void {
    const end = (this.#sent.at(-1)?.end ?? this.#kept) + records.length;
    const frames = framesOf(records.map(wireOf), this.#most);
    const sequences = frames.map((frame) => this.#appender.append(frame));
    this.#sent.push({ sequence: sequences.at(-1) as number, end });
  }

  #keptUpTo(sequence: number): void {
    while (this.#sent.length > 0 && (this.#sent[0]?.sequence as number) <= sequence) {
      const frame = this.#sent.shift() as { sequence: number; end: number };
      this.#frames.push(frame);
      this.#kept = frame.end;
    }
    while (this.#waiting.length > 0 && (this.#waiting[0]?.position as number) <= this.#kept)
      this.#waiting.shift()?.resolve();
    if (this.#batch.length > 0) this.#schedule();
  }

  #keptAll(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ position: this.#kept, resolve, reject });
    });
  }

  /** Those who wait do so in the order of positions, but for those who wait for room. */
  #keptAt(position: number): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (position <= this.#kept) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const waiting = { position, resolve, reject };
      let at = this.#waiting.length;
      while (at > 0 && (this.#waiting[at - 1]?.position as number) > position) at--;
      this.#waiting.splice(at, 0, waiting);
    });
  }

  async #purge(): Promise<void> {
    this.#isTrimming = true;
    try {
      await this.#manager.streams.purge(this.#stream, { seq: this.#trimmed + 1 });
    } catch {
      // the next one takes it along
    }
    this.#isTrimming = false;
  }

  #fail(error: AnyRinglineError, isLost = true): AnyRinglineError {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    if (isLost) this.#lose(error);
    return error;
  }
}

function unavailable(flow: string, cause: unknown): AnyRinglineError {
  const remedy = "Start the server with JetStream (nats-server -js), and see that its account may use it and has room.";
  return new errors.BACKEND_UNAVAILABLE({ backend: "nats" }, { cause, kernelId: flow, remedy });
}
