import { randomUUID } from "node:crypto";
import type { Keeper, KeptLog, LogEvents } from "@ringline/core";
import { packValue, unpackValue } from "@ringline/remote";
import type { Database, Statement } from "./driver.js";
import { sqliteCode, unavailable } from "./failures.js";
import { LogClaim } from "./log-claim.js";
import { PieceTable } from "./piece-table.js";
import { SqliteLog } from "./sqlite-log.js";
import { inTransaction } from "./transaction.js";

/** Milliseconds between two attempts of a failed commit, and between two polls for changes by other programs. */
const AGAIN = 50;
const WATCH = 50;
/** Free pages of a file that are kept for further pieces. */
const MOST_FREE = 256;
/** Attempts to write to a locked file before the failure is reported. */
const LOCKED_TRIES = 20;

/** Logs of one runtime in a file: all appends in one turn of the event loop are one commit. */
export class SqliteKeeper implements Keeper {
  readonly #database: Database;
  readonly #path: string;
  readonly #pieces: PieceTable;
  readonly #free: Statement;
  readonly #logs = new Map<string, SqliteLog>();
  readonly #watching: NodeJS.Timeout;
  #seen: unknown;
  /** Next commit: at the end of this turn of the event loop, or later for a retry. */
  #soon: NodeJS.Immediate | undefined;
  #later: NodeJS.Timeout | undefined;
  #tries = 0;

  constructor(database: Database, path: string) {
    this.#database = database;
    this.#path = path;
    this.#pieces = new PieceTable(database);
    this.#free = database.prepare("PRAGMA freelist_count");
    this.#watching = setInterval(() => this.#watch(), WATCH);
    this.#watching.unref();
  }

  readonly pack = (value: unknown): unknown => packValue(value);
  readonly unpack = (packed: unknown): unknown => unpackValue(packed as Uint8Array);

  async open(name: string, events: LogEvents): Promise<KeptLog> {
    try {
      const [claim, found] = await this.#take(name);
      const log = new SqliteLog(claim, found, this.#pieces, events, () => this.#schedule());
      this.#logs.set(name, log);
      return log;
    } catch (error) {
      throw unavailable(this.#path, error, undefined, name);
    }
  }

  /** Claims a log; retries while the file is locked. */
  async #take(name: string) {
    for (let tries = 1; ; tries++) {
      try {
        return await LogClaim.take(this.#database, name, randomUUID(), (id) => this.#pieces.read(id));
      } catch (error) {
        if (!isLock(error) || tries >= LOCKED_TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, AGAIN));
      }
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#watching);
    this.#commit();
    clearTimeout(this.#later);
    await Promise.all([...this.#logs.values()].map((log) => log.close()));
    this.#attempt("PRAGMA incremental_vacuum");
    this.#attempt("PRAGMA wal_checkpoint(TRUNCATE)"); // otherwise the last program that closes the file does it
    this.#database.close();
  }

  #schedule(): void {
    if (this.#tries === 0) this.#soon ??= setImmediate(() => this.#commit()); // otherwise a retry is scheduled
  }

  #commit(): void {
    clearImmediate(this.#soon);
    clearTimeout(this.#later);
    this.#soon = this.#later = undefined;
    const logs = [...this.#logs.values()].filter((log) => log.hasWork);
    this.#tries = logs.length === 0 ? 0 : this.#tries;
    if (logs.length === 0) return;
    try {
      inTransaction(this.#database, () => {
        for (const log of logs) log.inCommit();
      });
    } catch (error) {
      this.#failed(error, logs);
      return;
    }
    this.#tries = 0;
    const trimmed = logs.map((log) => log.committed());
    if (trimmed.includes(true)) this.#vacuum(MOST_FREE);
  }

  /** Returns the pages of trimmed rows to the file system, if more than `most` are free: those are used again. */
  #vacuum(most: number): void {
    const { freelist_count: free } = this.#free.get() as { freelist_count: number };
    if (free > most) this.#attempt("PRAGMA incremental_vacuum");
  }

  /** Handles a failed commit, which is tried again. */
  #failed(error: unknown, logs: readonly SqliteLog[]): void {
    this.#later = setTimeout(() => this.#commit(), AGAIN);
    if (++this.#tries < LOCKED_TRIES && isLock(error)) return;
    // moves the write-ahead log into the file, which may have free pages
    if (sqliteCode(error) === "FULL") this.#attempt("PRAGMA wal_checkpoint(TRUNCATE)");
    for (const log of logs) log.troubled(unavailable(this.#path, error));
  }

  #attempt(statement: string): void {
    try {
      this.#database.prepare(statement).all();
    } catch {
      // retried the next time
    }
  }

  /** Polls for changes by other programs, which may want a log, or have taken it. */
  #watch(): void {
    try {
      const { data_version: version } = this.#database.prepare("PRAGMA data_version").get() as {
        data_version: unknown;
      };
      if (version === this.#seen) return;
      for (const log of this.#logs.values()) log.poll();
      this.#seen = version;
    } catch {
      // the next commit detects the problem
    }
  }
}

function isLock(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === "BUSY" || code === "LOCKED";
}
