import { errors, type Keep } from "@ringline/core";
import { checkOptions } from "@ringline/core/internal";
import { openDatabase } from "./open-database.js";
import { SqliteKeeper } from "./sqlite-keeper.js";

/** Options of `sqlite()`. */
export interface SqliteOptions {
  /**
   * Durability of a resolved `send`: "full" (the default) survives a power failure, at the price of a disk sync for
   * each group of messages; "normal" survives any end of the program, but not always a power failure.
   */
  readonly synchronous?: "full" | "normal";
}

const KNOWN = ["synchronous"];

/**
 * Stores what durable flows accept in an SQLite file: `createRuntime({ backend, keep: sqlite("./state.db") })`. The
 * file is created if needed; its folder must exist, on a local disk. Node 22.13 and later, and Bun, include SQLite; on
 * Node 20 install `better-sqlite3` 12. Throws `INVALID_ARGUMENT`.
 */
export function sqlite(path: string, options: SqliteOptions = {}): Keep {
  if (typeof path !== "string" || path === "" || path.startsWith(":memory:") || path.startsWith("file:")) {
    throw wrong("path", path, "The path of a file, which is made where there is none.");
  }
  checkOptions(options, KNOWN, "sqlite()");
  const { synchronous = "full" } = options;
  if (synchronous !== "full" && synchronous !== "normal") {
    throw wrong("synchronous", synchronous, '"full" or "normal".');
  }
  return {
    name: "sqlite",
    open: async () => new SqliteKeeper(await openDatabase(path, synchronous), path),
  };
}

function wrong(argument: string, value: unknown, remedy: string) {
  return new errors.INVALID_ARGUMENT({ argument, value }, { remedy });
}
