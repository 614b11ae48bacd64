import { type AnyRinglineError, errors } from "@ringline/core";
import {
  type AnyMessage,
  type Clock,
  type Journal,
  type JournalRecord,
  type KeptFrame,
  KeptFrames,
} from "@ringline/core/internal";
import type { FlowClaim } from "./flow-claim.js";
import type { Found, FrameTable } from "./frame-table.js";
import { type PackedMessage, packMessage, unpackMessage } from "./packed-message.js";

/** Records that may wait to be kept. */
const MOST_RECORDS = 16_384;

interface Waiting {
  /** The position up to which all has to be kept. */
  readonly position: number;
  resolve(): void;
  reject(error: AnyRinglineError): void;
}

/** The journal of a durable flow in an SQLite file. */
export class SqliteJournal implements Journal {
  readonly flow: string;
  readonly first: number;
  readonly lost: Promise<AnyRinglineError>;
  onTrouble: ((error: AnyRinglineError) => void) | undefined;
  onEmptied: undefined;
  readonly #claim: FlowClaim;
  readonly #table: FrameTable;
  readonly #clock: Clock;
  readonly #schedule: (isAwaited: boolean) => void;
  readonly #frames: KeptFrames;
  #recorded: readonly JournalRecord[];
  #batch: JournalRecord[] = [];
  /** The position of the next record; all before `kept` is kept. */
  #next: number;
  #kept: number;
  /** What the commit that is under way writes. */
  #writing: KeptFrame | undefined;
  #trimTo: number | undefined;
  #isRefused = false;
  /** Another program wants the flow: what is written is kept, and then it is given up. */
  #isLeaving = false;
  /** Another program has it. */
  #isTaken = false;
  #waiting: Waiting[] = [];
  #failure: AnyRinglineError | undefined;
  #lose!: (error: AnyRinglineError) => void;

  /** `schedule`: has what is written committed, at once where somebody waits for it. */
  constructor(
    flow: string,
    claim: FlowClaim,
    found: Found,
    table: FrameTable,
    clock: Clock,
    schedule: (isAwaited: boolean) => void,
  ) {
    this.flow = flow;
    this.first = found.first;
    this.#claim = claim;
    this.#table = table;
    this.#clock = clock;
    this.#schedule = schedule;
    this.#frames = new KeptFrames(found.frames, found.first);
    this.#recorded = found.records;
    this.#next = this.#kept = found.first + found.records.length;
    this.lost = new Promise((resolve) => {
      this.#lose = resolve;
    });
  }

  recorded(): readonly JournalRecord[] {
    const recorded = this.#recorded;
    this.#recorded = [];
    return recorded;
  }

  get hasRoom(): boolean {
    return this.#batch.length < MOST_RECORDS && !this.#isRefused;
  }

  async room(): Promise<void> {
    while (!this.hasRoom) await this.#keptAt(this.#next);
  }

  pack(message: AnyMessage): unknown {
    return packMessage(message, this.#clock);
  }

  unpack(packed: unknown): AnyMessage {
    return unpackMessage(packed as PackedMessage, this.#clock);
  }

  write(record: JournalRecord): number {
    if (this.#failure === undefined) {
      this.#batch.push(record);
      this.#schedule(this.#batch.length >= MOST_RECORDS);
    }
    return this.#next++;
  }

  kept(): Promise<void> {
    return this.#keptAt(this.#next);
  }

  isWorthTrimming(position: number): boolean {
    return this.#trimTo === undefined && this.#frames.isWorth(position, this.#isRefused);
  }

  trim(position: number): void {
    if (this.#failure !== undefined) return;
    this.#trimTo = position;
    this.#schedule(false);
  }

  // --- commits ---

  get hasWork(): boolean {
    return this.#failure === undefined && (this.#batch.length > 0 || this.#trimTo !== undefined || this.#isLeaving);
  }

  /** In a transaction. Writes nothing where another program has the flow. */
  inCommit(): void {
    this.#writing = undefined;
    this.#isTaken = this.#claim.state === "lost";
    if (this.#isTaken) return;
    if (this.#trimTo !== undefined) this.#table.trim(this.#claim.id, this.#trimTo);
    if (this.#batch.length > 0) this.#writing = this.#table.add(this.#claim.id, this.#kept, this.#batch);
    if (this.#isLeaving) this.#claim.release();
  }

  /** The transaction is committed. Returns true where something was trimmed. */
  committed(): boolean {
    if (this.#isTaken) {
      this.#fail(this.#taken());
      return false;
    }
    const hasTrimmed = this.#trimTo !== undefined && this.#frames.trim(this.#trimTo) !== undefined;
    this.#trimTo = undefined;
    if (this.#writing !== undefined) {
      this.#frames.add(this.#writing);
      this.#kept = this.#writing.end;
      this.#batch = [];
      this.#isRefused = false;
    }
    const kept = this.#waiting.filter(({ position }) => position <= this.#kept);
    this.#waiting = this.#waiting.filter(({ position }) => position > this.#kept);
    for (const { resolve } of kept) resolve();
    if (this.#isLeaving) this.#fail(this.#taken());
    return hasTrimmed;
  }

  /** It could not be committed, and is tried again. */
  refused(error: AnyRinglineError): void {
    if (this.#isRefused || this.#batch.length === 0) return;
    this.#isRefused = true;
    this.onTrouble?.(error);
  }

  /** Sees whether another program wants the flow, or has it. */
  look(): void {
    if (this.#failure !== undefined || this.#isLeaving) return;
    const { state } = this.#claim;
    if (state === "lost") this.#fail(this.#taken());
    if (state !== "wanted") return;
    this.#isLeaving = true;
    this.#lose(this.#taken());
    setImmediate(this.#schedule, true); // the flow has stopped reading by then
  }

  /** Nothing more is written. */
  close(): void {
    if (this.#failure !== undefined) return;
    this.#fail(new errors.TERMINATED({ operation: "keep" }, { kernelId: this.flow }), false);
    try {
      this.#claim.release();
    } catch {
      // whoever takes it sees that this program has ended
    }
  }

  #taken(): AnyRinglineError {
    return new errors.FLOW_TAKEN({ flow: this.flow }, { kernelId: this.flow });
  }

  #keptAt(position: number): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (position <= this.#kept) return Promise.resolve();
    this.#schedule(true);
    return new Promise((resolve, reject) => this.#waiting.push({ position, resolve, reject }));
  }

  #fail(error: AnyRinglineError, isLost = true): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    if (isLost) this.#lose(error);
  }
}
