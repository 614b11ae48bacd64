import type { KeptLog, KeptRecord, LogEvents, Piece } from "@ringline/core";
import { packRecords } from "@ringline/remote";
import type { LogClaim } from "./log-claim.js";
import type { PieceTable } from "./piece-table.js";

interface Appending {
  readonly records: readonly KeptRecord[];
  /** The piece, once it is written. */
  piece: Piece | undefined;
  kept(piece: Piece): void;
}

/** A log in an SQLite file, seen by the program that owns it. */
export class SqliteLog implements KeptLog {
  readonly ahead = 1;
  readonly linger = 10;
  readonly #claim: LogClaim;
  readonly #table: PieceTable;
  readonly #events: LogEvents;
  readonly #schedule: () => void;
  #found: KeptLog["found"];
  #appending: Appending | undefined;
  #trimTo: number | undefined;
  /** True if another program owns the log, or is about to. */
  #isLeaving = false;
  #isTakenOver = false;
  #isClosed = false;

  /** `schedule`: schedules a commit of appended records. */
  constructor(claim: LogClaim, found: KeptLog["found"], table: PieceTable, events: LogEvents, schedule: () => void) {
    this.#claim = claim;
    this.#found = found;
    this.#table = table;
    this.#events = events;
    this.#schedule = schedule;
  }

  get found(): KeptLog["found"] {
    const found = this.#found;
    this.#found = [];
    return found;
  }

  append(records: readonly KeptRecord[]): Promise<Piece> {
    return new Promise((kept) => {
      this.#appending = { records, piece: undefined, kept };
      this.#schedule();
    });
  }

  trim(sequence: number): void {
    this.#trimTo = sequence;
    this.#schedule();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      this.#claim.release();
    } catch {
      // the next owner sees that this program has ended
    }
  }

  // --- commits ---

  get hasWork(): boolean {
    return !this.#isClosed && (this.#appending !== undefined || this.#trimTo !== undefined);
  }

  /** Writes within the transaction of a commit; nothing if another program owns the log. */
  inCommit(): void {
    this.#isTakenOver = this.#claim.state === "lost";
    if (this.#isTakenOver) return;
    if (this.#trimTo !== undefined) this.#table.trim(this.#claim.id, this.#trimTo);
    if (this.#appending !== undefined) {
      const bytes = packRecords(this.#appending.records);
      this.#appending.piece = { sequence: this.#table.add(this.#claim.id, bytes), bytes: bytes.length };
    }
  }

  /** Handles the end of the transaction. Returns true if records were trimmed. */
  committed(): boolean {
    if (this.#isTakenOver) {
      this.#lose();
      return false;
    }
    const hasTrimmed = this.#trimTo !== undefined;
    this.#trimTo = undefined;
    const appended = this.#appending;
    this.#appending = undefined;
    appended?.kept(appended.piece as Piece);
    return hasTrimmed;
  }

  /** Handles a failed commit, which is tried again. */
  troubled(error: Parameters<LogEvents["writeFailed"]>[0]): void {
    if (this.#appending !== undefined) this.#events.writeFailed(error);
  }

  /** Checks whether another program wants or owns the log. */
  poll(): void {
    if (this.#isClosed || this.#isLeaving) return;
    const { state } = this.#claim;
    if (state === "lost") this.#lose();
    if (state !== "wanted") return;
    this.#isLeaving = true;
    void this.#events.wanted().then(() => this.close());
  }

  #lose(): void {
    this.#isClosed = true;
    this.#events.lost(new Error("another program has it"));
  }
}
