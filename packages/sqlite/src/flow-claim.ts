import { hostname } from "node:os";
import type { Database } from "./driver.js";
import { inTransaction } from "./transaction.js";

/** Milliseconds that a program which lives gets to give a flow up; one that has ended is not waited for. */
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

/** Which program has a flow: the one whose name is written in its row. Every commit looks there. */
export class FlowClaim {
  readonly id: number;
  readonly #database: Database;
  readonly #owner: string;

  private constructor(id: number, database: Database, owner: string) {
    this.id = id;
    this.#database = database;
    this.#owner = owner;
  }

  /**
   * Takes the flow over: a program that lives is asked to give it up first. `owner`: unlike any other. `read`: called in the
   * transaction from which on the flow belongs to this one.
   */
  static async take<T>(
    database: Database,
    flow: string,
    owner: string,
    read: (id: number) => T,
  ): Promise<readonly [FlowClaim, T]> {
    const find = database.prepare("SELECT id, owner, host, pid, wanted FROM flows WHERE name = ?");
    inTransaction(database, () => {
      database.prepare("INSERT OR IGNORE INTO flows (name) VALUES (?)").run(flow);
      database.prepare("UPDATE flows SET wanted = ? WHERE name = ? AND owner IS NOT NULL").run(owner, flow);
    });
    const until = performance.now() + PATIENCE;
    for (let row = find.get(flow) as Row; isAlive(row) && performance.now() < until; row = find.get(flow) as Row) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    const { id } = find.get(flow) as Row;
    const found = inTransaction(database, () => {
      database
        .prepare("UPDATE flows SET owner = ?, host = ?, pid = ?, wanted = NULL WHERE id = ?")
        .run(owner, hostname(), process.pid, id);
      return read(id);
    });
    return [new FlowClaim(id, database, owner), found];
  }

  /** "wanted": another program waits for the flow; "lost": it has it. */
  get state(): "ours" | "wanted" | "lost" {
    const row = this.#database.prepare("SELECT owner, wanted FROM flows WHERE id = ?").get(this.id) as Row | undefined;
    if (row?.owner !== this.#owner) return "lost";
    return row.wanted === null ? "ours" : "wanted";
  }

  /** Nobody has the flow. */
  release(): void {
    this.#database
      .prepare("UPDATE flows SET owner = NULL, host = NULL, pid = NULL WHERE id = ? AND owner = ?")
      .run(this.id, this.#owner);
  }
}

/** True for a flow of a program that may be there: of another machine, nothing is known. */
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
