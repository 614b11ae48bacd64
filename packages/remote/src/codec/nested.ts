import { errorFromWire, errorToWire, type WireError } from "@ringline/core/backend";
import { addExtension, Packr } from "msgpackr";
import { LongInteger, NegativeZero, RawText, replaced, type Survey, survey } from "./plain.js";

addExtension({ Class: NegativeZero, type: 1, write: () => null, read: () => -0 } as never);
addExtension({
  Class: LongInteger,
  type: 2,
  write: (value: LongInteger) => value.text,
  read: (text: string) => BigInt(text),
} as never);
addExtension({
  Class: RawText,
  type: 3,
  write: (value: RawText) => Array.from(value.units),
  read: (units: number[]) => units.map((unit) => String.fromCharCode(unit)).join(""),
} as never);
addExtension({
  Class: Error,
  type: 4,
  write: (error: Error) => errorToWire(error),
  read: (wire: WireError) => errorFromWire(wire),
} as never);

const plain = new Packr({ moreTypes: true, mapsAsObjects: false, int64AsType: "bigint" } as never);
/** For values that hold the same object twice, or themselves. */
const shared = new Packr({ structuredClone: true, mapsAsObjects: false, int64AsType: "bigint" } as never);

/** Which of the two packed it: the first byte. */
const PLAIN = 0;
const SHARED = 1;

/** What `packNested` has packed: valid until it is called again. */
export interface Packed {
  readonly kind: number;
  readonly bytes: Uint8Array;
}

/** Anything that can travel, as bytes. Throws `Untravelled`. */
export function packNested(value: unknown): Packed {
  const found: Survey = { isShared: false, isExotic: false };
  survey(value, found, new Set());
  const form = found.isExotic ? replaced(value, new Map()) : value;
  return found.isShared ? { kind: SHARED, bytes: shared.pack(form) } : { kind: PLAIN, bytes: plain.pack(form) };
}

/** `bytes` in private memory: msgpackr is slow on shared memory. */
export function unpackNested(kind: number, bytes: Uint8Array): unknown {
  return (kind === SHARED ? shared : plain).unpack(bytes);
}
