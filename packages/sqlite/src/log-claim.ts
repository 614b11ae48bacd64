import { hostname } from "node:os";
import type { Database, Statement } from "./driver.js";
import { inTransaction } from "./transaction.js";

/** Milliseconds that a running program gets to give a log up; one that has ended is not waited for. */
const PATIENCE = 2000;
/** Milliseconds between two polls for it. */
const PAUSE = 10;

interface Row {
  readonly id: number;
  readonly owner: string | null;
  readonly host: string | null;
  readonly pid: number | null;
  readonly wanted: string | null;
}

/** Ownership of a log: the program whose name is in the log's row owns it. Every commit checks the row. */
export class LogClaim {
  readonly id: number;
  readonly #database: Database;
  readonly #owner: string;
  readonly #find: Statement;

  private constructor(id: number, database: Database, owner: string) {
    this.id = id;
    this.#database = database;
    this.#owner = owner;
    this.#find = database.prepare("SELECT owner, wanted FROM logs WHERE id = ?");
  }

  /**
   * Takes the log over; a running owner is first asked to give it up. `owner`: a unique id. `read`: called in the
   * transaction that claims the log.
   */
  static async take<T>(
    database: Database,
    log: string,
    owner: string,
    read: (id: number) => T,
  ): Promise<readonly [LogClaim, T]> {
    const find = database.prepare("SELECT id, owner, host, pid, wanted FROM logs WHERE name = ?");
    inTransaction(database, () => {
      database.prepare("INSERT OR IGNORE INTO logs (name) VALUES (?)").run(log);
      database.prepare("UPDATE logs SET wanted = ? WHERE name = ? AND owner IS NOT NULL").run(owner, log);
    });
    const until = performance.now() + PATIENCE;
    for (let row = find.get(log) as Row; isAlive(row) && performance.now() < until; row = find.get(log) as Row) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    const { id } = find.get(log) as Row;
    const found = inTransaction(database, () => {
      database
        .prepare("UPDATE logs SET owner = ?, host = ?, pid = ?, wanted = NULL WHERE id = ?")
        .run(owner, hostname(), process.pid, id);
      return read(id);
    });
    return [new LogClaim(id, database, owner), found];
  }

  /** State of the claim. "wanted": another program waits for the log; "lost": another program owns it. */
  get state(): "ours" | "wanted" | "lost" {
    const row = this.#find.get(this.id) as Row | undefined;
    if (row?.owner !== this.#owner) return "lost";
    return row.wanted === null ? "ours" : "wanted";
  }

  /** Gives up the claim, so that the log has no owner. */
  release(): void {
    this.#database
      .prepare("UPDATE logs SET owner = NULL, host = NULL, pid = NULL WHERE id = ? AND owner = ?")
      .run(this.id, this.#owner);
  }
}

/** True if the owner of a log may be running; for another machine, this is unknown. */
function isAlive({ owner, host, pid }: Row): boolean {
  if (owner === null) return false;
  if (host !== hostname() || pid === null) return true;
  try {
    process.kill(pid, 0); // checks only, sends no signal
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}
