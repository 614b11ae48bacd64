import { ByteReader, CorruptFrame } from "./byte-reader.js";
import { ByteWriter } from "./byte-writer.js";
import { type PackedValue, unpackValue } from "./packed.js";
import { readText, writeNumber, writeText } from "./scalars.js";
import { SMALL_INT, TAG } from "./tags.js";

/** First byte of encoded records: no first byte of a value. */
const RECORDS = 0x30;
/** Length of a UUID as text: such texts rarely come twice in a piece, but then one after the other. */
const ID = 36;
/** Number by which a text of that length is repeated; other texts have the numbers from 1 on. */
const LATEST_ID = 0;
/** Maximum size in bytes of the kept write buffer. */
const SCRATCH = 1024 * 1024;

const out = new ByteWriter();
const source = new ByteReader();
/** Numbers of texts that were written. */
const numbers = new Map<string, number>();
let latestId = "";

/**
 * Encodes records of a log, lists of texts, numbers, booleans, null, undefined, bytes and lists. Faster and shorter than
 * `packValue`: each text is written once. The bytes are valid until the next call. Throws `TypeError` for other values.
 */
export function packRecords(records: readonly (readonly unknown[])[]): PackedValue {
  out.trim(SCRATCH);
  out.reset();
  out.byte(RECORDS);
  out.count(records.length);
  try {
    for (const record of records) writeItems(record);
    return out.bytes.subarray(0, out.size);
  } finally {
    numbers.clear();
    latestId = "";
  }
}

function writeItems(items: readonly unknown[]): void {
  out.count(items.length);
  for (let i = 0; i < items.length; i++) writeItem(items[i]);
}

function writeItem(item: unknown): void {
  if (typeof item === "string") writeKnown(item);
  else if (typeof item === "number") writeNumber(out, item);
  else if (item === undefined) out.byte(TAG.undefined);
  else if (item === null) out.byte(TAG.null);
  else if (typeof item === "boolean") out.byte(item ? TAG.true : TAG.false);
  else if (Array.isArray(item)) {
    out.byte(TAG.list);
    writeItems(item);
  } else if (item instanceof Uint8Array) {
    out.byte(TAG.octets);
    out.raw(item);
  } else throw new TypeError(`a record cannot hold a ${typeof item}`);
}

function writeKnown(text: string): void {
  const isId = text.length === ID;
  const number = isId ? (text === latestId ? LATEST_ID : undefined) : numbers.get(text);
  if (number !== undefined) {
    out.byte(TAG.again);
    out.count(number);
    return;
  }
  writeText(out, text);
  if (isId) latestId = text;
  else numbers.set(text, numbers.size + 1);
}

/** Decodes records as `packRecords` or, in earlier releases, `packValue` wrote them. Throws `CorruptFrame`. */
export function unpackRecords(bytes: Uint8Array): readonly (readonly unknown[])[] {
  if (bytes[0] !== RECORDS) {
    const records = unpackValue(bytes);
    if (Array.isArray(records)) return records;
    throw new CorruptFrame("bytes that are no records");
  }
  source.open(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 1, bytes.length);
  try {
    const texts: string[] = [""];
    const records: (readonly unknown[])[] = [];
    for (let left = source.count(); left > 0; left--) records.push(readItems(texts));
    if (source.left > 0) throw new CorruptFrame(`${source.left} bytes follow the records`);
    return records;
  } catch (cause) {
    throw cause instanceof CorruptFrame ? cause : new CorruptFrame("bytes that are no records", { cause });
  } finally {
    source.close();
  }
}

function readItems(texts: string[]): unknown[] {
  const items: unknown[] = [];
  for (let left = source.count(); left > 0; left--) items.push(readItem(texts));
  return items;
}

/** `texts`: those that were read, the latest id first. */
function readItem(texts: string[]): unknown {
  const tag = source.byte();
  if (tag >= SMALL_INT) return tag - SMALL_INT;
  switch (tag) {
    case TAG.int:
      return source.int();
    case TAG.float:
      return source.float();
    case TAG.undefined:
      return undefined;
    case TAG.null:
      return null;
    case TAG.true:
    case TAG.false:
      return tag === TAG.true;
    case TAG.again: {
      const text = texts[source.count()];
      if (text === undefined) throw new CorruptFrame("a text that was not there before");
      return text;
    }
    case TAG.list:
      return readItems(texts);
    case TAG.octets:
      return source.raw();
    default:
      source.at--;
      return readNew(texts);
  }
}

function readNew(texts: string[]): string {
  const text = readText(source);
  if (text.length === ID) texts[LATEST_ID] = text;
  else texts.push(text);
  return text;
}
