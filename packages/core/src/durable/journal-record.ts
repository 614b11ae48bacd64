/** Something that became of an input of a durable flow. */
export type JournalRecord =
  /** A durable edge, named after the stage that it leads to, takes a message of the input. */
  | {
      readonly kind: "accepted";
      readonly input: number;
      readonly edge: string;
      readonly id: string;
      /** Packed message, as `pack` returns it. */
      readonly packed: unknown;
    }
  /** The next node rejected the message. */
  | { readonly kind: "refused"; readonly input: number; readonly edge: string; readonly id: string }
  /** Nothing of it is alive before the edge any more. */
  | { readonly kind: "passed"; readonly input: number; readonly edge: string }
  /** An output of it was read. */
  | { readonly kind: "delivered"; readonly input: number; readonly id: string }
  /** All of it is settled, and its outputs were read. */
  | { readonly kind: "done"; readonly input: number }
  /** Ids of messages that the edge has taken, also of inputs that are done: what is sent again is known by them. */
  | { readonly kind: "known"; readonly input: number; readonly edge: string; readonly ids: readonly string[] };

/** A record without the names of its fields. */
export type WireRecord = readonly [
  kind: JournalRecord["kind"],
  input: number,
  edge?: string | undefined,
  id?: string | undefined,
  packed?: unknown,
];

export function recordToWire(record: JournalRecord): WireRecord {
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
    case "known":
      return [record.kind, record.input, record.edge, undefined, record.ids];
  }
}

/** Undefined for what is no record. */
export function recordFromWire(wire: unknown): JournalRecord | undefined {
  if (!Array.isArray(wire)) return undefined;
  const [kind, input, edge, id, packed] = wire as readonly unknown[];
  if (!(Number.isSafeInteger(input) && (input as number) >= 0)) return undefined;
  const isText = (value: unknown) => typeof value === "string";
  const isRight = {
    accepted: isText(edge) && isText(id) && typeof packed === "object" && packed !== null,
    refused: isText(edge) && isText(id),
    passed: isText(edge),
    delivered: isText(id),
    done: true,
    known: isText(edge) && Array.isArray(packed) && packed.every(isText),
  };
  if (typeof kind !== "string" || !Object.hasOwn(isRight, kind) || !isRight[kind as keyof typeof isRight]) {
    return undefined;
  }
  return (kind === "known" ? { kind, input, edge, ids: packed } : { kind, input, edge, id, packed }) as JournalRecord;
}
