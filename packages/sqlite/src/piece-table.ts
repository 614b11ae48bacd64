import type { KeptLog } from "@ringline/core";
import { unpackRecords } from "@ringline/remote";
import type { Database, Statement } from "./driver.js";

/** Table of the pieces of all logs; records that were appended together are one row. */
export class PieceTable {
  readonly #insert: Statement;
  readonly #trim: Statement;
  readonly #read: Statement;

  constructor(database: Database) {
    this.#insert = database.prepare("INSERT INTO pieces (log, records) VALUES (?, ?) RETURNING id");
    this.#trim = database.prepare("DELETE FROM pieces WHERE log = ? AND id <= ?");
    this.#read = database.prepare("SELECT id, records FROM pieces WHERE log = ? ORDER BY id");
  }

  /** Adds a piece; returns its sequence. */
  add(log: number, records: Uint8Array): number {
    return (this.#insert.get(log, records) as { id: number }).id;
  }

  trim(log: number, sequence: number): void {
    this.#trim.run(log, sequence);
  }

  /** Reads the pieces of a log. Throws if a row cannot be decoded. */
  read(log: number): KeptLog["found"] {
    const rows = this.#read.all(log) as readonly { readonly id: number; readonly records: Uint8Array }[];
    return rows.map(({ id, records }) => ({ sequence: id, bytes: records.length, records: unpackRecords(records) }));
  }
}
