import type { Database } from "./driver.js";

/** Does something whole or not at all, with the right to write from its beginning. */
export function inTransaction<T>(database: Database, act: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = act();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    try {
      database.exec("ROLLBACK");
    } catch {
      // a failed commit may have rolled back by itself
    }
    throw error;
  }
}
