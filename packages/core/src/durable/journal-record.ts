import { elementsNamed } from "../buffers/elements.js";
import { HandleReferences } from "../buffers/handle-references.js";
import { enableBuffers, hasBuffers } from "../buffers/references.js";
import { isBuffer, SharedBuffer } from "../buffers/shared-buffer.js";
import { slabs } from "../buffers/slab-pool.js";
import { errors } from "../errors/ringline-error.js";
import { type AnyMessage, expiryOf, inEnvelope, traceOf } from "../messages/any-message.js";
import type { Keeper } from "../seam/backend.js";
import type { Clock } from "../time/clock.js";

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
  /**
   * A dead letter; `input` is its number, which `done` removes. `edge`: the kernel where the message failed, `id`: the
   * message. `packed`: the packed message, and the packed reason.
   */
  | {
      readonly kind: "letter";
      readonly input: number;
      readonly edge: string;
      readonly id: string;
      readonly packed: readonly [message: unknown, reason: unknown];
    }
  /** Ids of messages that the edge has accepted, of finished inputs too, to detect duplicates. */
  | { readonly kind: "known"; readonly input: number; readonly edge: string; readonly ids: readonly string[] };

/** A message of an input, and packed outputs that a kernel has made of it. */
export type Applied = readonly [input: number, id: string, outputs: readonly unknown[]];

/** A stored state: its version, and the value that the keeper packed. */
export type PackedState = readonly [version: number, packed: unknown];

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
    case "letter":
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
    letter: isText(edge) && isText(id) && Array.isArray(packed) && packed.length === 2,
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

/** A message as a journal stores it: a tuple without field names. */
export type PackedMessage = readonly [
  type: string,
  id: string,
  cause: string | null,
  priority: number,
  /** Epoch milliseconds; undefined for never. */
  expiresAt: number | undefined,
  trace: string | undefined,
  /** Body as the keeper packed it, without the buffers. */
  body: unknown,
  ...buffers: PackedBuffer[],
];
type PackedBuffer = readonly [field: string, of: string, length: number, content: unknown];
type Packing = Pick<Keeper, "pack" | "unpack">;

/** Throws `SERIALIZATION`. */
export function packMessage(
  message: AnyMessage,
  keeper: Packing,
  clock: Clock,
  messageId = message.messageId,
): PackedMessage {
  const { type, correlationId, priority } = message;
  const expiry = expiryOf(message);
  const expiresAt = expiry === Number.POSITIVE_INFINITY ? undefined : expiry - clock.now() + Date.now();
  // a message is packed as its body
  if (!hasBuffers) return [type, messageId, correlationId, priority, expiresAt, traceOf(message), keeper.pack(message)];
  const body: Record<string, unknown> = { ...(message as object) };
  const buffers = takeBuffers(body, messageId, keeper);
  return [type, messageId, correlationId, priority, expiresAt, traceOf(message), keeper.pack(body), ...buffers];
}

export function unpackMessage(packed: PackedMessage, keeper: Packing, clock: Clock): AnyMessage {
  const [type, id, cause, priority, expires, trace, packedBody, ...buffers] = packed;
  const expiresAt = expires === undefined ? Number.POSITIVE_INFINITY : clock.now() + expires - Date.now();
  const body = keeper.unpack(packedBody) as Record<string, unknown>;
  for (const buffer of buffers) body[buffer[0]] = unpackBuffer(buffer, keeper);
  return inEnvelope(type, body, { id, cause, priority, expiresAt, lineage: undefined, trace });
}

/** Removes the buffers from a body, and returns their packed content. */
function takeBuffers(body: Record<string, unknown>, messageId: string, keeper: Packing): PackedBuffer[] {
  return Object.entries(body).flatMap(([path, value]) => {
    if (!isBuffer(value)) return [];
    if (value.side === "device") {
      const cause = new Error("a buffer whose latest content is on a device: read() it before");
      throw new errors.SERIALIZATION({ path }, { cause, messageId });
    }
    body[path] = undefined;
    return [[path, value.elements.name, value.length, keeper.pack(value.bytes.slice())] as const];
  });
}

/** Restores a buffer in this process, with one reference for its user. Throws `SERIALIZATION`. */
function unpackBuffer([path, of, length, content]: PackedBuffer, keeper: Packing): SharedBuffer {
  const elements = elementsNamed(of);
  const bytes = keeper.unpack(content) as Uint8Array;
  if (elements === undefined || bytes.length !== length * elements.stride) {
    const cause = new Error(`nothing here is called "${of}", of which it is made`);
    throw new errors.SERIALIZATION({ path }, { cause });
  }
  enableBuffers();
  const buffer = new SharedBuffer(elements, length, HandleReferences.of(slabs.take(bytes.length)));
  buffer.bytes.set(bytes);
  return buffer;
}
