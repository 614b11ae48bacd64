import type { JournalRecord } from "@ringline/core/backend";

/** A record without the names of its fields. */
export type WireRecord = readonly [
  kind: JournalRecord["kind"],
  input: number,
  edge?: string | undefined,
  id?: string,
  packed?: unknown,
];

export function wireOf(record: JournalRecord): WireRecord {
  switch (record.kind) {
    case "accepted":
      return [record.kind, record.input, record.edge, record.id, record.packed];
    case "refused":
      return [record.kind, record.input, record.edge, record.id];
    case "passed":
      return [record.kind, record.input, record.edge];
    case "delivered":
      return [record.kind, record.input, undefined, record.id];
    case "done":
      return [record.kind, record.input];
  }
}

export function recordOf([kind, input, edge = "", id = "", packed]: WireRecord): JournalRecord {
  return { kind, input, edge, id, packed };
}
