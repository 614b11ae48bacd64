import { type AnyRinglineError, errors } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { Keeper, KeptLog, LogEvents, Piece } from "../seam/backend.js";
import type { Clock } from "../time/clock.js";
import { macrotask, turn } from "../time/turn.js";
import { type JournalRecord, recordFromWire, recordToWire } from "./journal-record.js";
import { KeptFrames } from "./kept-frames.js";
import { type PackedMessage, packMessage, unpackMessage } from "./packed-message.js";

/** Records that may wait to be kept. */
const MOST_RECORDS = 16_384;
/** Milliseconds that an end waits for what is to be kept. */
const GRACE = 1000;

interface Waiting {
  /** The position up to which all has to be kept. */
  readonly position: number;
  resolve(): void;
  reject(error: AnyRinglineError): void;
}

/**
 * The records of a durable flow, in the log of a keeper, so that the next program of that name resumes where this one
 * ended. Records are stored in the order in which they are written: each of them, or none of those that follow.
 */
export class Journal implements LogEvents {
  /** Resolves when nothing can be kept any more, with why: another program has taken the flow over. */
  readonly taken: Promise<AnyRinglineError>;
  /** Called when what is written cannot be kept for the time being, with why; once until some is kept again. */
  onWriteError: ((error: AnyRinglineError) => void) | undefined;
  /** Called when what was kept is gone: what is still needed has to be written again. */
  onEmptied: (() => void) | undefined;
  readonly #flow: string;
  readonly #keeper: Omit<Keeper, "close">;
  readonly #clock: Clock;
  #log!: KeptLog;
  #frames = new KeptFrames([]);
  #recorded: readonly JournalRecord[] = [];
  /** Written, and not given to the log yet. */
  #batch: JournalRecord[] = [];
  /** The position of the next record; all before `sent` went to the log, all before `kept` is kept. */
  #next = 0;
  #sent = 0;
  #kept = 0;
  /** Pieces that the log was given and has not kept yet. */
  #underWay = 0;
  #isSoon = false;
  #stopLater: (() => void) | undefined;
  /** Nothing can be kept for the time being. */
  #isTroubled = false;
  #waiting: Waiting[] = [];
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

  /** Takes the journal of a flow over. Rejects with `BACKEND_UNAVAILABLE`. */
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

  /** False while too much of what was written is not kept yet, or nothing more can be. */
  get hasRoom(): boolean {
    return this.#next - this.#kept < MOST_RECORDS && !this.#isTroubled;
  }

  /** Resolves when there is room. Rejects once the journal is lost. */
  async whenRoom(): Promise<void> {
    while (!this.hasRoom) await this.#keptAt(Math.max(this.#kept + 1, this.#next - MOST_RECORDS / 2));
  }

  /** Throws `SERIALIZATION` for a message that cannot be kept. */
  pack(message: AnyMessage): PackedMessage {
    return packMessage(message, this.#keeper, this.#clock);
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

  /** True for the position of a record that is kept. */
  isKept(position: number): boolean {
    return position < this.#kept;
  }

  /** Returns its position. */
  write(record: JournalRecord): number {
    if (this.#failure === undefined) {
      this.#batch.push(record);
      this.#schedule(this.#log.linger === 0 || this.#batch.length >= MOST_RECORDS / 2);
    }
    return this.#next++;
  }

  /** Resolves when all that was written so far is kept. Rejects once the journal is lost. */
  kept(): Promise<void> {
    return this.#keptAt(this.#next);
  }

  /** True where so much was written before this position that it is time to trim it, or nothing more can be kept without. */
  isWorthTrimming(position: number): boolean {
    return this.#frames.isWorth(position, this.#isTroubled);
  }

  /** Allows the log to drop records before this position. */
  trim(position: number): void {
    const last = this.#frames.trim(position);
    if (last !== undefined && this.#failure === undefined) this.#log.trim(last);
  }

  /** Resolves when all is kept, or could not be in a second; the log is another's to take then. */
  async close(): Promise<void> {
    if (this.#failure !== undefined) return;
    await this.#keptInTime();
    this.#fail(new errors.TERMINATED({ operation: "keep" }, { kernelId: this.#flow }), false);
    await this.#log.close();
  }

  // --- what the log tells ---

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

  /** Schedules the append: records of one turn go together; `isSoon`: in this turn. */
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
    if (this.#batch.length === 0 || this.#failure !== undefined || this.#underWay >= this.#log.ahead) return;
    const records = this.#batch;
    this.#batch = [];
    this.#sent += records.length;
    this.#underWay++;
    const end = this.#sent;
    void this.#log.append(records.map(recordToWire)).then((piece) => this.#keptUpTo(end, piece));
  }

  #keptUpTo(end: number, { sequence, bytes }: Piece): void {
    this.#frames.add({ sequence, bytes, end });
    this.#kept = end;
    this.#underWay--;
    this.#isTroubled = false;
    const kept = this.#waiting.filter(({ position }) => position <= end);
    this.#waiting = this.#waiting.filter(({ position }) => position > end);
    for (const { resolve } of kept) resolve();
    if (this.#batch.length > 0) this.#schedule(this.#waiting.length > 0 || this.#log.linger === 0);
  }

  #keptAt(position: number): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (position <= this.#kept) return Promise.resolve();
    this.#schedule(true);
    return new Promise((resolve, reject) => this.#waiting.push({ position, resolve, reject }));
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
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    if (isLost) this.#lose(error);
  }
}
