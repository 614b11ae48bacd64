import { type ByteReader, CorruptFrame } from "./byte-reader.js";
import type { ByteWriter } from "./byte-writer.js";
import { packNested, unpackNested } from "./nested.js";
import { isWellFormed } from "./plain.js";

const UNDEFINED = 0;
const NULL = 1;
const FALSE = 2;
const TRUE = 3;
const INT = 4;
const FLOAT = 5;
const LATIN = 6;
const TEXT = 7;
const UNITS = 8;
const BIGINT = 9;
const BYTES = 10;
const FLOATS = 11;
/** Anything else, by msgpackr: this and the kind that it gave. */
const NESTED = 16;

/** Writes a value behind a byte that says what it is. Throws `Untravelled`. */
export function writeValue(out: ByteWriter, value: unknown): void {
  if (typeof value === "number") writeNumber(out, value);
  else if (typeof value === "string") writeText(out, value);
  else if (value === undefined) out.byte(UNDEFINED);
  else if (value === null) out.byte(NULL);
  else if (typeof value === "boolean") out.byte(value ? TRUE : FALSE);
  else writeOther(out, value);
}

function writeNumber(out: ByteWriter, value: number): void {
  out.reserve(9);
  const at = out.size;
  if ((value | 0) === value && !(value === 0 && 1 / value < 0)) {
    out.bytes[at] = INT;
    out.view.setInt32(at + 1, value, true);
    out.size = at + 5;
  } else {
    out.bytes[at] = FLOAT;
    out.view.setFloat64(at + 1, value, true);
    out.size = at + 9;
  }
}

function writeText(out: ByteWriter, value: string): void {
  out.byte(LATIN);
  if (out.latin(value)) return;
  const isText = isWellFormed(value);
  out.bytes[out.size - 1] = isText ? TEXT : UNITS;
  if (isText) out.text(value);
  else out.units(value);
}

function writeOther(out: ByteWriter, value: unknown): void {
  if (typeof value === "bigint" && BigInt.asIntN(64, value) === value) {
    out.byte(BIGINT);
    out.reserve(8);
    out.view.setBigInt64(out.size, value, true);
    out.size += 8;
  } else if (value instanceof Uint8Array && value.constructor === Uint8Array) {
    out.byte(BYTES);
    out.raw(value);
  } else if (value instanceof Float64Array) {
    out.byte(FLOATS);
    out.raw(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  } else {
    const { kind, bytes } = packNested(value);
    out.byte(NESTED + kind);
    out.raw(bytes);
  }
}

/** The next value. Throws `CorruptFrame`. */
export function readValue(source: ByteReader): unknown {
  const tag = source.byte();
  switch (tag) {
    case INT:
      return source.int();
    case FLOAT:
      return source.float();
    case LATIN:
      return source.latin();
    case UNDEFINED:
      return undefined;
    case NULL:
      return null;
    case FALSE:
      return false;
    case TRUE:
      return true;
    case TEXT:
      return source.text();
    case UNITS:
      return source.units();
    case BIGINT:
      return source.bigint();
    case BYTES:
      return source.raw();
    case FLOATS: {
      const bytes = source.raw();
      if ((bytes.length & 7) !== 0) throw new CorruptFrame("a list of floats has no whole number of them");
      return new Float64Array(bytes.buffer, 0, bytes.length >>> 3);
    }
    case NESTED:
    case NESTED + 1:
      return readNested(source, tag - NESTED);
    default:
      throw new CorruptFrame(`there are no values of kind ${tag}`);
  }
}

/** A value that is a text. Throws `CorruptFrame`. */
export function readName(source: ByteReader): string {
  const value = readValue(source);
  if (typeof value !== "string") throw new CorruptFrame("a name is no text");
  return value;
}

function readNested(source: ByteReader, kind: number): unknown {
  const bytes = source.raw();
  try {
    return unpackNested(kind, bytes);
  } catch (cause) {
    throw new CorruptFrame("a nested value cannot be read", { cause });
  }
}
