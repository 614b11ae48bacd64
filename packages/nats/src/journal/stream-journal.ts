import { randomUUID } from "node:crypto";
import { type JetStreamManager, jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection, Subscription } from "@nats-io/transport-node";
import { type AnyRinglineError, errors } from "@ringline/core";
import {
  type AnyMessage,
  type Clock,
  type Journal,
  type JournalRecord,
  KeptFrames,
  recordToWire,
} from "@ringline/core/internal";
import { packMessage, unpackMessage } from "@ringline/remote";
import { Appender } from "./appender.js";
import { ensure, type FlowStream, type Found, flowStream, type KeepingOptions, readAll } from "./flow-stream.js";
import { framesOf } from "./frame.js";
import { onTaking, takeFrom } from "./taking.js";

/** Frames that may be on their way to the server; what is written meanwhile waits, and goes together. */
const AHEAD = 16;
/** Records that may wait to be kept. */
const MOST_RECORDS = 16_384;
/** Bytes that a server adds to a frame. */
const HEADERS = 1024;
/** Milliseconds that an end waits for what is to be kept. */
const GRACE = 1000;
/** Milliseconds that a beginning waits for the first frame to be kept. */
const BEGINNING = 5000;

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
  onEmptied: (() => void) | undefined;
  readonly #clock: Clock;
  readonly #flow: string;
  readonly #stream: string;
  readonly #manager: JetStreamManager;
  readonly #most: number;
  readonly #appender: Appender;
  readonly #frames: KeptFrames;
  /** What was written together, in frames that are on their way: the last of them, and the position behind its records. */
  readonly #sent: { readonly order: number; readonly end: number; readonly bytes: number }[] = [];
  readonly #waiting: Waiting[] = [];
  #recorded: readonly JournalRecord[];
  #batch: JournalRecord[] = [];
  /** The position of the next record. */
  #next: number;
  /** All before it is kept. */
  #kept: number;
  #isScheduled = false;
  #isTrimming = false;
  #taking: Subscription | undefined;
  #failure: AnyRinglineError | undefined;
  #lose!: (error: AnyRinglineError) => void;

  private constructor(
    client: NatsConnection,
    manager: JetStreamManager,
    clock: Clock,
    flow: string,
    place: FlowStream,
    { records, frames, last }: Found,
    options: KeepingOptions,
  ) {
    const { stream, subject } = place;
    this.#clock = clock;
    this.#flow = flow;
    this.#stream = stream;
    this.#manager = manager;
    this.#most = (client.info?.max_payload ?? 1024 * 1024) - HEADERS;
    this.#recorded = records;
    this.#frames = new KeptFrames(frames);
    this.#next = this.#kept = records.length;
    this.lost = new Promise((resolve) => {
      this.#lose = resolve;
    });
    this.#appender = new Appender(
      {
        ...{ client: jetstream(client), manager, stream, subject, writer: randomUUID() },
        kept: (order, sequence) => this.#keptUpTo(order, sequence),
        refused: (cause) => this.onTrouble?.(unavailable(flow, cause)),
        lost: (reason) => this.#fail(taken(flow, reason)),
        renew: () => this.#renew(place, options),
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
      await takeFrom(client, place.taking, flow);
      await ensure(manager, place, options);
      const found = await readAll(client, manager, place);
      const journal = new StreamJournal(client, manager, clock, flow, place, found, options);
      await journal.#begin();
      journal.#taking = onTaking(client, place.taking, flow, () => journal.#yield());
      return journal;
    } catch (error) {
      if (error instanceof errors.FLOW_TAKEN) throw error;
      throw unavailable(flow, error);
    }
  }

  /** Whoever wrote until now is refused from here on. Rejects where that cannot be kept. */
  async #begin(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const failed = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`nothing was kept for ${BEGINNING} ms`)), BEGINNING);
      this.onTrouble = (error) => reject(error.cause);
    });
    this.#append([]);
    try {
      await Promise.race([this.#keptAll(), failed]);
    } catch (error) {
      this.#appender.close();
      throw error;
    } finally {
      clearTimeout(timer);
      this.onTrouble = undefined;
    }
  }

  /** Another program wants the flow. Resolves when it may have it: what happened here until now is kept. */
  async #yield(): Promise<void> {
    if (this.#failure !== undefined) return;
    const error = taken(this.#flow, "it was asked for");
    this.#lose(error);
    await new Promise(setImmediate); // the flow stops reading
    await this.#keptInTime();
    this.#end(error);
  }

  recorded(): readonly JournalRecord[] {
    const recorded = this.#recorded;
    this.#recorded = [];
    return recorded;
  }

  get hasRoom(): boolean {
    return this.#next - this.#kept < MOST_RECORDS && !this.#appender.isRefused;
  }

  async room(): Promise<void> {
    while (!this.hasRoom) await this.#keptAt(Math.max(this.#kept + 1, this.#next - MOST_RECORDS / 2));
  }

  pack(message: AnyMessage): Uint8Array {
    return packMessage(message, this.#clock);
  }

  unpack(packed: unknown): AnyMessage {
    return unpackMessage(packed as Uint8Array, this.#clock);
  }

  write(record: JournalRecord): number {
    if (this.#failure === undefined) this.#batch.push(record);
    this.#schedule();
    return this.#next++;
  }

  kept(): Promise<void> {
    return this.#keptAt(this.#next);
  }

  isWorthTrimming(position: number): boolean {
    return !this.#isTrimming && this.#frames.isWorth(position, this.#appender.isRefused);
  }

  trim(position: number): void {
    const last = this.#frames.trim(position);
    if (last !== undefined) void this.#purge(last);
  }

  /** Resolves when all is kept, or could not be in time. */
  async close(): Promise<void> {
    await this.#keptInTime();
    this.#end(new errors.TERMINATED({ operation: "keep" }, { kernelId: this.#flow }));
  }

  async #keptInTime(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, GRACE);
    });
    await Promise.race([this.kept().catch(() => {}), late]);
    clearTimeout(timer);
  }

  #end(error: AnyRinglineError): void {
    this.#taking?.unsubscribe();
    this.#appender.close();
    this.#fail(error, false);
  }

  /** The stream was deleted: what the flow needs is written again. */
  async #renew(place: FlowStream, options: KeepingOptions): Promise<void> {
    await ensure(this.#manager, place, options);
    this.#frames.clear();
    this.onTrouble?.(unavailable(this.#flow, new Error(`the stream ${place.stream} was deleted, and begins anew`)));
    this.onEmptied?.();
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
    const frames = framesOf(records.map(recordToWire), this.#most);
    const orders = frames.map((frame) => this.#appender.append(frame));
    const bytes = frames.reduce((sum, { length }) => sum + length, 0);
    this.#sent.push({ order: orders.at(-1) as number, end, bytes });
  }

  #keptUpTo(order: number, sequence: number): void {
    for (let [first] = this.#sent; first !== undefined && first.order <= order; [first] = this.#sent) {
      this.#sent.shift();
      this.#frames.add({ sequence, end: first.end, bytes: first.bytes });
      this.#kept = first.end;
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

  async #purge(last: number): Promise<void> {
    this.#isTrimming = true;
    try {
      await this.#manager.streams.purge(this.#stream, { seq: last + 1 });
    } catch {
      // the next one takes it along
    }
    this.#isTrimming = false;
  }

  #fail(error: AnyRinglineError, isLost = true): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    if (!isLost) return;
    this.#taking?.unsubscribe();
    this.#lose(error);
  }
}

const taken = (flow: string, reason: string) =>
  new errors.FLOW_TAKEN({ flow }, { kernelId: flow, cause: new Error(reason) });

function unavailable(flow: string, cause: unknown): AnyRinglineError {
  const remedy = "Start the server with JetStream (nats-server -js), and see that its account may use it and has room.";
  return new errors.BACKEND_UNAVAILABLE({ backend: "nats" }, { cause, kernelId: flow, remedy });
}
