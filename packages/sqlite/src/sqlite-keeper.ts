import { randomUUID } from "node:crypto";
import type { Clock, Journal, Keeper } from "@ringline/core/internal";
import type { Database } from "./driver.js";
import { sqliteCode, unavailable } from "./failures.js";
import { FlowClaim } from "./flow-claim.js";
import { FrameTable } from "./frame-table.js";
import { SqliteJournal } from "./sqlite-journal.js";
import { inTransaction } from "./transaction.js";

/** Milliseconds between two tries to keep what could not be kept, and between two looks at what other programs did. */
const AGAIN = 50;
const WATCH = 50;
/** Tries to write what finds a lock, before that is told. */
const LOCKED_TRIES = 20;
/** Milliseconds after which is kept what nobody waits for. */
const LINGER = 10;

/** The journals of one runtime in a file: what all of them write in one turn of the event loop is one commit. */
export class SqliteKeeper implements Keeper {
  readonly #database: Database;
  readonly #path: string;
  readonly #clock: Clock;
  readonly #frames: FrameTable;
  readonly #journals = new Map<string, SqliteJournal>();
  readonly #watching: NodeJS.Timeout;
  #seen: unknown;
  /** The next commit: as soon as the event loop has its turn, or a little later. */
  #soon: NodeJS.Immediate | undefined;
  #later: NodeJS.Timeout | undefined;
  #tries = 0;
  #isClosed = false;

  constructor(database: Database, path: string, clock: Clock) {
    this.#database = database;
    this.#path = path;
    this.#clock = clock;
    this.#frames = new FrameTable(database);
    this.#watching = setInterval(() => this.#watch(), WATCH);
    this.#watching.unref();
  }

  async journal(flow: string): Promise<Journal> {
    this.#commit();
    this.#journals.get(flow)?.close();
    try {
      const [claim, found] = await this.#take(flow);
      const journal = new SqliteJournal(flow, claim, found, this.#frames, this.#clock, (isAwaited) =>
        this.#schedule(isAwaited),
      );
      this.#journals.set(flow, journal);
      return journal;
    } catch (error) {
      throw unavailable(this.#path, error, undefined, flow);
    }
  }

  /** Again where there is a lock. */
  async #take(flow: string) {
    for (let tries = 1; ; tries++) {
      try {
        return await FlowClaim.take(this.#database, flow, randomUUID(), (id) => this.#frames.read(id));
      } catch (error) {
        if (!isLock(error) || tries >= LOCKED_TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, AGAIN));
      }
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#watching);
    this.#commit();
    this.#isClosed = true;
    for (const journal of this.#journals.values()) journal.close();
    this.#tryTo("PRAGMA wal_checkpoint(TRUNCATE)"); // where another program reads, the last one that closes it does it
    this.#database.close();
  }

  /** `isAwaited`: somebody waits for it. */
  #schedule(isAwaited: boolean): void {
    if (this.#tries > 0) return; // it is tried again
    if (isAwaited) this.#soon ??= setImmediate(() => this.#commit());
    else this.#later ??= setTimeout(() => this.#commit(), LINGER);
  }

  #commit(): void {
    clearImmediate(this.#soon);
    clearTimeout(this.#later);
    this.#soon = this.#later = undefined;
    if (this.#isClosed) return;
    const journals = [...this.#journals.values()].filter((journal) => journal.hasWork);
    if (journals.length === 0) return;
    try {
      inTransaction(this.#database, () => {
        for (const journal of journals) journal.inCommit();
      });
    } catch (error) {
      this.#failed(error, journals);
      return;
    }
    this.#tries = 0;
    const trimmed = journals.map((journal) => journal.committed());
    // the pages of what was trimmed go back to the file system
    if (trimmed.includes(true)) this.#tryTo("PRAGMA incremental_vacuum");
  }

  /** What could not be kept is tried again, with what was written meanwhile. */
  #failed(error: unknown, journals: readonly SqliteJournal[]): void {
    this.#later = setTimeout(() => this.#commit(), AGAIN);
    if (++this.#tries < LOCKED_TRIES && isLock(error)) return;
    // what is in the log beside the file goes into the file, which may have room
    if (sqliteCode(error) === "FULL") this.#tryTo("PRAGMA wal_checkpoint(TRUNCATE)");
    for (const journal of journals) journal.refused(unavailable(this.#path, error, undefined, journal.flow));
  }

  #tryTo(statement: string): void {
    try {
      this.#database.prepare(statement).all();
    } catch {
      // the next time
    }
  }

  /** Other programs write into the file, too: they may want a flow, or have taken it. */
  #watch(): void {
    try {
      const { data_version: version } = this.#database.prepare("PRAGMA data_version").get() as {
        data_version: unknown;
      };
      if (version === this.#seen) return;
      for (const journal of this.#journals.values()) journal.look();
      this.#seen = version;
    } catch {
      // a commit finds it out
    }
  }
}

function isLock(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === "BUSY" || code === "LOCKED";
}
