import { CorruptFrame } from "./byte-reader.js";
import type { ByteWriter } from "./byte-writer.js";
import { checkSymbols } from "./natives.js";
import type { NestedReader, NestedWriter } from "./nested.js";
import { writeNumber, writeText } from "./scalars.js";
import { TAG } from "./tags.js";

/** Maximum length of an array that is checked for own fields: engines list those only after all elements. */
const MOST_CHECKED = 16_384;
/** Minimum length of a list that is written as numbers alone. */
const WORTH_IT = 8;

/** Writes the kind of a list and its elements: as numbers alone, all in order, or only the existing ones. */
export function writeList(writer: NestedWriter, list: readonly unknown[]): void {
  const { out } = writer;
  const { length } = list;
  const symbols = Object.getOwnPropertySymbols(list);
  if (symbols.length > 0) checkSymbols(list, symbols);
  if (length <= MOST_CHECKED ? isSparse(list) : hasHoles(list)) {
    writeSparse(writer, list);
    return;
  }
  const numbers = length < WORTH_IT ? undefined : numbersIn(list);
  if (numbers !== undefined) {
    out.byte(numbers);
    out.count(length);
    writeNumbers(out, list as number[], length, numbers);
    return;
  }
  out.byte(TAG.list);
  out.count(length);
  writer.items(list, length);
}

/** True if the list has holes or own fields: then its last key differs from its last index. */
function isSparse(list: readonly unknown[]): boolean {
  const { length } = list;
  const keys = Object.keys(list);
  return keys.length !== length || (length > 0 && keys[length - 1] !== String(length - 1));
}

function hasHoles(list: readonly unknown[]): boolean {
  for (let i = 0; i < list.length; i++) if (list[i] === undefined && !Object.hasOwn(list, i)) return true;
  return false;
}

function numbersIn(list: readonly unknown[]): typeof TAG.ints | typeof TAG.floats | undefined {
  let isInts = true;
  for (let i = 0; i < list.length; i++) {
    const value = list[i];
    if (typeof value !== "number") return undefined;
    if ((value | 0) !== value || (value === 0 && 1 / value < 0)) isInts = false;
  }
  return isInts ? TAG.ints : TAG.floats;
}

function writeNumbers(
  out: ByteWriter,
  list: readonly number[],
  length: number,
  tag: typeof TAG.ints | typeof TAG.floats,
): void {
  const each = tag === TAG.ints ? 4 : 8;
  out.reserve(length * each);
  const { view } = out;
  let at = out.size;
  if (tag === TAG.ints) for (let i = 0; i < length; i++, at += 4) view.setInt32(at, list[i] as number, true);
  else for (let i = 0; i < length; i++, at += 8) view.setFloat64(at, list[i] as number, true);
  out.size = at;
}

/** Writes a list by its keys, so that holes take no time. */
function writeSparse(writer: NestedWriter, list: readonly unknown[]): void {
  const { out } = writer;
  const { length } = list;
  const keys = Object.keys(list);
  out.byte(TAG.sparse);
  out.count(length);
  out.count(keys.length);
  for (const key of keys) {
    const index = Number(key);
    const isIndex = Number.isInteger(index) && index >= 0 && index < length && String(index) === key;
    if (isIndex) writeNumber(out, index);
    else writeText(out, key);
    writer.at(key);
    writer.child(list, isIndex ? index : key);
  }
}

/** Reads the elements of a list of this kind. */
export function readList(reader: NestedReader, list: unknown[], tag: number): void {
  const { source } = reader;
  if (tag === TAG.sparse) {
    readSparse(reader, list);
    return;
  }
  if (tag !== TAG.list && tag !== TAG.ints && tag !== TAG.floats)
    throw new CorruptFrame(`there are no lists of kind ${tag}`);
  const count = source.countOf(tag === TAG.floats ? 8 : tag === TAG.ints ? 4 : 1);
  if (tag === TAG.list) {
    for (let i = 0; i < count; i++) list.push(reader.read());
    return;
  }
  list.length = count;
  const { view } = source;
  if (tag === TAG.ints) {
    const at = source.take(4 * count);
    for (let i = 0; i < count; i++) list[i] = view.getInt32(at + 4 * i, true);
  } else {
    const at = source.take(8 * count);
    for (let i = 0; i < count; i++) list[i] = view.getFloat64(at + 8 * i, true);
  }
}

function readSparse(reader: NestedReader, list: unknown[]): void {
  const length = reader.source.count();
  for (let left = reader.source.countOf(2); left > 0; left--) {
    const key = reader.read();
    const isIndex = typeof key === "number" && Number.isInteger(key) && key >= 0 && key < length;
    if (!isIndex && (typeof key !== "string" || key === "length")) throw new CorruptFrame("a list has no such place");
    reader.define(list, key as string, reader.read());
  }
  if (list.length >= length) return;
  // setting `length` makes engines allocate all elements; writing only a far last element does not
  list[length - 1] = undefined;
  delete list[length - 1];
}
