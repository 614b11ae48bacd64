import { type AnyRinglineError, errors } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { Keeper, KeptLog, LogEvents, Piece } from "../seam/backend.js";
import type { Clock } from "../time/clock.js";
import { macrotask, turn } from "../time/turn.js";
import {
  type JournalRecord,
  type PackedMessage,
  packMessage,
  recordFromWire,
  recordToWire,
  unpackMessage,
} from "./journal-record.js";

/** Maximum records that wait to be stored. */
const MOST_RECORDS = 16_384;
/** Milliseconds that a close or a takeover waits for records to be stored. */
const GRACE = 1000;

/** Records that are appended together. Whoever waits for one of them waits for the same promise. */
interface Append {
  /** The position after its last record; Infinity while more are added. */
  end: number;
  stored: Promise<void> | undefined;
  resolve(): void;
  reject(error: AnyRinglineError): void;
}

const newAppend = (): Append => ({ end: Number.POSITIVE_INFINITY, stored: undefined, resolve() {}, reject() {} });

/** Resolves when the records are stored. */
function storedOf(append: Append): Promise<void> {
  append.stored ??= new Promise((resolve, reject) => Object.assign(append, { resolve, reject }));
  return append.stored;
}

/**
 * The records of a durable flow, in the log of a keeper, so that the next program of that name resumes where this one
 * ended. Records are stored in the order in which they are written: if one is not stored, none after it is.
 */
export class Journal implements LogEvents {
  /** Resolves with the error once nothing can be stored any more, as another program has taken the flow over. */
  readonly taken: Promise<AnyRinglineError>;
  /** Called with the error when records cannot be stored for now; once until some are stored again. */
  onWriteError: ((error: AnyRinglineError) => void) | undefined;
  /** Called when the stored records are lost: those still needed must be written again. */
  onEmptied: (() => void) | undefined;
  readonly #flow: string;
  readonly #keeper: Omit<Keeper, "close">;
  readonly #clock: Clock;
  #log!: KeptLog;
  #frames = new KeptFrames([]);
  #recorded: readonly JournalRecord[] = [];
  /** Records that are written, and not appended to the log yet. */
  #batch: JournalRecord[] = [];
  /** The position of the next record; those before `sent` are appended, those before `kept` are stored. */
  #next = 0;
  #sent = 0;
  #kept = 0;
  /** Appends that the log has not stored yet, the oldest first; the last one is of `#batch`. */
  #appends = [newAppend()];
  #isSoon = false;
  #stopLater: (() => void) | undefined;
  /** True while records cannot be stored. */
  #isTroubled = false;
  #failure: AnyRinglineError | undefined;
  #lose!: (error: AnyRinglineError) => void;

  private constructor(flow: string, keeper: Omit<Keeper, "close">, clock: Clock) {
    this.#flow = flow;
    this.#keeper = keeper;
    this.#clock = clock;
    this.taken = new Promise((resolve) => {
      this.#lose = resolve;
    });
  }

  /** Opens the journal of a flow and takes it over. Rejects with `BACKEND_UNAVAILABLE`. */
  static async open(flow: string, keeper: Omit<Keeper, "close">, clock: Clock): Promise<Journal> {
    const journal = new Journal(flow, keeper, clock);
    journal.#begin(await keeper.open(flow, journal));
    return journal;
  }

  #begin(log: KeptLog): void {
    this.#log = log;
    const records: JournalRecord[] = [];
    const frames = log.found.map(({ sequence, bytes, records: own }) => {
      for (const wire of own) {
        const record = recordFromWire(wire);
        if (record !== undefined) records.push(record);
      }
      return { sequence, bytes, end: records.length };
    });
    this.#frames = new KeptFrames(frames);
    this.#recorded = records;
    this.#next = this.#sent = this.#kept = records.length;
  }

  /** Number of records that earlier programs left. */
  get found(): number {
    return this.#recorded.length;
  }

  /**
   * Records that earlier programs wrote and did not trim; the first of them has the position 0, each other one the
   * next. Returns them once.
   */
  recorded(): readonly JournalRecord[] {
    const recorded = this.#recorded;
    this.#recorded = [];
    return recorded;
  }

  /** False while too many records wait to be stored, or storing fails. */
  get hasRoom(): boolean {
    return this.#next - this.#kept < MOST_RECORDS && !this.#isTroubled;
  }

  /** Resolves when there is room. Rejects once the journal is lost. */
  async whenRoom(): Promise<void> {
    while (!this.hasRoom) await this.#keptAt(Math.max(this.#kept + 1, this.#next - MOST_RECORDS / 2));
  }

  /** Throws `SERIALIZATION` for a message that cannot be stored. `id`: the message's. */
  pack(message: AnyMessage, id?: string): PackedMessage {
    return packMessage(message, this.#keeper, this.#clock, id);
  }

  unpack(packed: unknown): AnyMessage {
    return unpackMessage(packed as PackedMessage, this.#keeper, this.#clock);
  }

  packValue(value: unknown): unknown {
    return this.#keeper.pack(value);
  }

  unpackValue(packed: unknown): unknown {
    return this.#keeper.unpack(packed);
  }

  /** True if the record at this position is stored. */
  isKept(position: number): boolean {
    return position < this.#kept;
  }

  /** Writes a record. Returns its position. */
  write(record: JournalRecord): number {
    if (this.#failure === undefined) {
      this.#batch.push(record);
      this.#schedule(this.#log.linger === 0 || this.#batch.length >= MOST_RECORDS / 2);
    }
    return this.#next++;
  }

  /** Resolves when all records written so far are stored. Rejects once the journal is lost. */
  kept(): Promise<void> {
    return this.#keptAt(this.#next);
  }

  /** True if enough was written before this position to trim it, or if storing fails until something is trimmed. */
  isWorthTrimming(position: number): boolean {
    return this.#frames.isWorth(position, this.#isTroubled);
  }

  /** Allows the log to drop records before this position. */
  trim(position: number): void {
    const last = this.#frames.trim(position);
    if (last !== undefined && this.#failure === undefined) this.#log.trim(last);
  }

  /** Waits at most a second for records to be stored, then closes the log, which another program may take then. */
  async close(): Promise<void> {
    if (this.#failure !== undefined) return;
    await this.#keptInTime();
    this.#fail(new errors.TERMINATED({ operation: "keep" }, { kernelId: this.#flow }), false);
    await this.#log.close();
  }

  // --- events of the log ---

  writeFailed(error: AnyRinglineError): void {
    if (this.#isTroubled) return;
    this.#isTroubled = true;
    this.onWriteError?.(error);
  }

  async wanted(): Promise<void> {
    if (this.#failure !== undefined) return;
    const error = this.#takenOverError();
    this.#lose(error);
    await turn.next(); // the flow stops reading
    await this.#keptInTime();
    this.#fail(error, false);
  }

  lost(cause: Error): void {
    this.#fail(this.#takenOverError(cause));
  }

  emptied(): void {
    this.#frames.clear();
    this.onEmptied?.();
  }

  // --- appending ---

  /** Schedules an append: records of one turn go together; `isSoon`: now, not after the log's `linger`. */
  #schedule(isSoon: boolean): void {
    if (isSoon) {
      if (this.#isSoon) return;
      this.#isSoon = true;
      macrotask(() => {
        this.#isSoon = false;
        this.#append();
      });
    } else this.#stopLater ??= this.#clock.after(this.#log.linger, () => this.#append());
  }

  #append(): void {
    this.#stopLater?.();
    this.#stopLater = undefined;
    if (this.#batch.length === 0 || this.#failure !== undefined || this.#appends.length > this.#log.ahead) return;
    const records = this.#batch;
    this.#batch = [];
    const append = this.#appends.at(-1) as Append;
    append.end = this.#sent += records.length;
    this.#appends.push(newAppend());
    void this.#log.append(records.map(recordToWire)).then((piece) => this.#keptUpTo(append, piece));
  }

  #keptUpTo(append: Append, { sequence, bytes }: Piece): void {
    const { end } = append;
    this.#frames.add({ sequence, bytes, end });
    this.#kept = end;
    this.#appends.shift();
    this.#isTroubled = false;
    append.resolve();
    const isAwaited = this.#appends.at(-1)?.stored !== undefined;
    if (this.#batch.length > 0) this.#schedule(isAwaited || this.#log.linger === 0);
  }

  #keptAt(position: number): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (position <= this.#kept) return Promise.resolve();
    if (position > this.#sent) this.#schedule(true);
    return storedOf(this.#appends.find(({ end }) => end >= position) as Append);
  }

  async #keptInTime(): Promise<void> {
    let stop: (() => void) | undefined;
    const late = new Promise<void>((resolve) => {
      stop = this.#clock.after(GRACE, resolve);
    });
    await Promise.race([this.kept().catch(() => {}), late]);
    stop?.();
  }

  #takenOverError(cause?: Error): AnyRinglineError {
    return new errors.FLOW_TAKEN({ flow: this.#flow }, { kernelId: this.#flow, ...(cause && { cause }) });
  }

  #fail(error: AnyRinglineError, isLost = true): void {
    this.#failure ??= error;
    this.#stopLater?.();
    for (const { reject } of this.#appends) reject(error);
    if (isLost) this.#lose(error);
  }
}

/** Records that a keeper has written together. */
export interface KeptFrame {
  /** Number of the frame at the keeper; increases. */
  readonly sequence: number;
  /** The position after its last record. */
  readonly end: number;
  readonly bytes: number;
}

/** Minimum records and bytes for a trim. */
const WORTH_RECORDS = 16_384;
const WORTH_BYTES = 1024 * 1024;

/** The stored frames, the oldest first. */
export class KeptFrames {
  #frames: KeptFrame[];
  /** The position of the first record. */
  #begin: number;
  #bytes = 0;

  /** `begin`: the position of the first record in `frames`. */
  constructor(frames: KeptFrame[], begin = 0) {
    this.#frames = frames;
    this.#begin = begin;
    for (const { bytes } of frames) this.#bytes += bytes;
  }

  add(frame: KeptFrame): void {
    this.#frames.push(frame);
    this.#bytes += frame.bytes;
  }

  clear(): void {
    this.trim(Number.POSITIVE_INFINITY);
  }

  /** True if there is enough to trim before this position; with `anything`, one frame is enough. */
  isWorth(position: number, anything: boolean): boolean {
    if (Math.min(position, this.#frames.at(-1)?.end ?? 0) - this.#begin >= WORTH_RECORDS) return true;
    if (this.#bytes < WORTH_BYTES && !anything) return false;
    let bytes = 0;
    for (const frame of this.#frames) {
      if (frame.end > position) return false;
      bytes += frame.bytes;
      if (anything || bytes >= WORTH_BYTES) return true;
    }
    return false;
  }

  /** Forgets the frames that end at or before this position. Returns the sequence of the last one. */
  trim(position: number): number | undefined {
    let count = 0;
    while (count < this.#frames.length && (this.#frames[count]?.end as number) <= position) count++;
    const trimmed = this.#frames.splice(0, count);
    for (const { bytes } of trimmed) this.#bytes -= bytes;
    const last = trimmed.at(-1);
    if (last !== undefined) this.#begin = last.end;
    return last?.sequence;
  }
}
