import { type ByteReader, CorruptFrame } from "./byte-reader.js";
import type { ByteWriter } from "./byte-writer.js";
import { SHORT_TEXT, SMALL_INT, TAG } from "./tags.js";

export function writeNumber(out: ByteWriter, value: number): void {
  out.reserve(9);
  const at = out.size;
  if ((value | 0) !== value || (value === 0 && 1 / value < 0)) {
    out.bytes[at] = TAG.float;
    out.view.setFloat64(at + 1, value, true);
    out.size = at + 9;
  } else if (value >= 0 && value < SMALL_INT) {
    out.bytes[at] = SMALL_INT | value;
    out.size = at + 1;
  } else {
    out.bytes[at] = TAG.int;
    out.view.setInt32(at + 1, value, true);
    out.size = at + 5;
  }
}

export function writeText(out: ByteWriter, value: string): void {
  if (out.ascii(value, SHORT_TEXT)) return;
  const isText = isWellFormed(value);
  out.byte(isText ? TAG.text : TAG.units);
  if (isText) out.text(value);
  else out.units(value);
}

const wellFormed = (String.prototype as { isWellFormed?: () => boolean }).isWellFormed;

function isWellFormed(text: string): boolean {
  return wellFormed?.call(text) ?? !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text);
}

export function writeBigint(out: ByteWriter, value: bigint): void {
  if (BigInt.asIntN(64, value) === value) {
    out.byte(TAG.bigint);
    out.bigint(value);
  } else {
    out.byte(TAG.digits);
    // converting hexadecimal digits takes linear time; converting decimal ones does not
    writeText(out, value.toString(16));
  }
}

export function readDigits(source: ByteReader): bigint {
  const digits = readText(source);
  if (!/^-?[0-9a-f]+$/.test(digits)) throw new CorruptFrame("a bigint has other digits");
  return digits.startsWith("-") ? -BigInt(`0x${digits.slice(1)}`) : BigInt(`0x${digits}`);
}

/** Reads a value that must be a text. Throws `CorruptFrame`. */
export function readText(source: ByteReader): string {
  const tag = source.byte();
  if (tag >= SHORT_TEXT && tag < SMALL_INT) return source.ascii(tag - SHORT_TEXT);
  if (tag === TAG.text) return source.text();
  if (tag === TAG.units) return source.units();
  throw new CorruptFrame("a text is no text");
}
