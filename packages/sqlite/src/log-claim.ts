import { hostname } from "node:os";
import type { Database } from "./driver.js";
import { inTransaction } from "./transaction.js";

/** Milliseconds that a program which lives gets to give a log up; one that has ended is not waited for. */
const PATIENCE = 2000;
/** Milliseconds between two looks at whether it has. */
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

  private constructor(id: number, database: Database, owner: string) {
    this.id = id;
    this.#database = database;
    this.#owner = owner;
  }

  /**
   * Takes the log over: a program that lives is asked to give it up first. `owner`: unlike any other. `read`: called in the
   * transaction from which on the log belongs to this one.
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

  /** "wanted": another program waits for the log; "lost": it has it. */
  get state(): "ours" | "wanted" | "lost" {
    const row = this.#database.prepare("SELECT owner, wanted FROM logs WHERE id = ?").get(this.id) as Row | undefined;
    if (row?.owner !== this.#owner) return "lost";
    return row.wanted === null ? "ours" : "wanted";
  }

  /** Nobody has the log. */
  release(): void {
    this.#database
      .prepare("UPDATE logs SET owner = NULL, host = NULL, pid = NULL WHERE id = ? AND owner = ?")
      .run(this.id, this.#owner);
  }
}

/** True for a log of a program that may be there: of another machine, nothing is known. */
function isAlive({ owner, host, pid }: Row): boolean {
  if (owner === null) return false;
  if (host !== hostname() || pid === null) return true;
  try {
    process.kill(pid, 0); // signals nothing
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}
