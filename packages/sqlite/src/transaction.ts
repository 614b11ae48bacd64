import type { Database } from "./driver.js";

/** Runs `act` in a transaction that takes the write lock at its start. */
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
      // a failed commit may have rolled back already
    }
    throw error;
  }
}
