import { deserialize, serialize } from "node:v8";
import { type JournalRecord, type KeptFrame, recordFromWire, recordToWire } from "@ringline/core/internal";
import type { Database, Statement } from "./driver.js";

/** What earlier programs left of a flow. */
export interface Found {
  readonly records: readonly JournalRecord[];
  readonly frames: KeptFrame[];
  /** The position of the first record. */
  readonly first: number;
}

interface Row {
  readonly id: number;
  readonly first: number;
  readonly count: number;
  readonly records: Uint8Array;
}

/** The table of what flows have written: what was written together is one row. */
export class FrameTable {
  readonly #insert: Statement;
  readonly #trim: Statement;
  readonly #read: Statement;

  constructor(database: Database) {
    this.#insert = database.prepare(
      "INSERT INTO frames (flow, first, count, records) VALUES (?, ?, ?, ?) RETURNING id",
    );
    this.#trim = database.prepare("DELETE FROM frames WHERE flow = ? AND first + count <= ?");
    this.#read = database.prepare("SELECT id, first, count, records FROM frames WHERE flow = ? ORDER BY first");
  }

  /** `first`: the position of the first of the records. */
  add(flow: number, first: number, records: readonly JournalRecord[]): KeptFrame {
    const bytes = serialize(records.map(recordToWire));
    const { id } = this.#insert.get(flow, first, records.length, bytes) as { id: number };
    return { sequence: id, end: first + records.length, bytes: bytes.length };
  }

  /** All that was written before this position. */
  trim(flow: number, position: number): void {
    this.#trim.run(flow, position);
  }

  /** Throws where it cannot be read. */
  read(flow: number): Found {
    const rows = this.#read.all(flow) as readonly Row[];
    const records: JournalRecord[] = [];
    const frames: KeptFrame[] = [];
    const first = rows[0]?.first ?? 0;
    for (const { id, first: from, count, records: bytes } of rows) {
      const wire: unknown = deserialize(bytes);
      const read = Array.isArray(wire) ? wire.map(recordFromWire) : [];
      const own = read.filter((record) => record !== undefined);
      if (own.length !== count || from !== first + records.length) throw new Error(`frame ${id} cannot be read`);
      records.push(...own);
      frames.push({ sequence: id, end: from + count, bytes: bytes.length });
    }
    return { records, frames, first };
  }
}
