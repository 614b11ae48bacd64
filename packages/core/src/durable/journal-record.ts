import type { PackedState } from "./kept-state.js";

/** A recorded event of an input of a durable flow. */
export type JournalRecord =
  /**
   * A durable edge, named after the stage that it leads to, accepts a message of the input; or a batch makes the
   * message, which becomes an input of its own.
   */
  | {
      readonly kind: "accepted";
      readonly input: number;
      readonly edge: string;
      readonly id: string;
      /** Packed message, as `pack` returns it. */
      readonly packed: unknown;
      /** Messages that the batch was made of; the batch does not take them again. */
      readonly of?: readonly Taken[] | undefined;
    }
  /** A batch, `edge`, has taken these messages of the input; written when the input is rewritten. */
  | { readonly kind: "taken"; readonly input: number; readonly edge: string; readonly ids: readonly string[] }
  /**
   * A kernel with durable state, `id`, has made outputs of these messages, which are repeated without the kernel, and
   * has a new state; undefined if unchanged. `edge`: the kernel or its stage, whichever took the messages.
   */
  | {
      readonly kind: "applied";
      readonly input: number;
      readonly edge: string;
      readonly id: string;
      readonly of: readonly Applied[];
      readonly state: PackedState | undefined;
    }
  /** The next node rejected the message. */
  | { readonly kind: "refused"; readonly input: number; readonly edge: string; readonly id: string }
  /** No message of the input is left upstream of the edge. */
  | { readonly kind: "passed"; readonly input: number; readonly edge: string }
  /** An output of the input was read. */
  | { readonly kind: "delivered"; readonly input: number; readonly id: string }
  /** The input is settled, and its outputs were read. */
  | { readonly kind: "done"; readonly input: number }
  /** Ids of messages that the edge has accepted, of finished inputs too, to detect duplicates. */
  | { readonly kind: "known"; readonly input: number; readonly edge: string; readonly ids: readonly string[] };

/** A message of an input, and packed outputs that a kernel has made of it. */
export type Applied = readonly [input: number, id: string, outputs: readonly unknown[]];

/** A message of an input that a batch has taken. */
export type Taken = readonly [input: number, id: string];

/** A record as a tuple, without field names. */
export type WireRecord = readonly [
  kind: JournalRecord["kind"],
  input: number,
  edge?: string | undefined,
  id?: string | undefined,
  packed?: unknown,
  of?: readonly (Taken | Applied)[] | undefined,
];

export function recordToWire(record: JournalRecord): WireRecord {
  switch (record.kind) {
    case "accepted":
      return record.of === undefined
        ? [record.kind, record.input, record.edge, record.id, record.packed]
        : [record.kind, record.input, record.edge, record.id, record.packed, record.of];
    case "applied":
      return [record.kind, record.input, record.edge, record.id, record.state, record.of];
    case "refused":
      return [record.kind, record.input, record.edge, record.id];
    case "passed":
      return [record.kind, record.input, record.edge];
    case "delivered":
      return [record.kind, record.input, undefined, record.id];
    case "done":
      return [record.kind, record.input];
    case "known":
    case "taken":
      return [record.kind, record.input, record.edge, undefined, record.ids];
  }
}

/** Parses a record. Returns undefined for a value that is no record. */
export function recordFromWire(wire: unknown): JournalRecord | undefined {
  if (!Array.isArray(wire)) return undefined;
  const [kind, input, edge, id, packed, of] = wire as readonly unknown[];
  if (!(Number.isSafeInteger(input) && (input as number) >= 0)) return undefined;
  const isText = (value: unknown) => typeof value === "string";
  const hasIds = isText(edge) && Array.isArray(packed) && packed.every(isText);
  const isRight = {
    applied: isText(edge) && isText(id) && (packed === undefined || Array.isArray(packed)) && isListOf(of, isApplied),
    accepted:
      isText(edge) &&
      isText(id) &&
      typeof packed === "object" &&
      packed !== null &&
      (of === undefined || isListOf(of, isTaken)),
    refused: isText(edge) && isText(id),
    passed: isText(edge),
    delivered: isText(id),
    done: true,
    known: hasIds,
    taken: hasIds,
  };
  if (typeof kind !== "string" || !Object.hasOwn(isRight, kind) || !isRight[kind as keyof typeof isRight]) {
    return undefined;
  }
  if (kind === "applied") return { kind, input, edge, id, of, state: packed } as JournalRecord;
  const isList = kind === "known" || kind === "taken";
  return (isList ? { kind, input, edge, ids: packed } : { kind, input, edge, id, packed, of }) as JournalRecord;
}

const isListOf = (of: unknown, isOne: (one: unknown) => boolean) => Array.isArray(of) && of.every(isOne);
const isTaken = (one: unknown) => Array.isArray(one) && Number.isSafeInteger(one[0]) && typeof one[1] === "string";
const isApplied = (one: unknown) => isTaken(one) && Array.isArray((one as unknown[])[2]);
