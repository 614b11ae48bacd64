import { type ByteReader, CorruptFrame } from "./byte-reader.js";
import type { ByteWriter, Elements, ElementsClass } from "./byte-writer.js";
import { readText, writeText } from "./scalars.js";
import { TAG } from "./tags.js";

/** Encoding of one built-in class, after its tag. */
export interface Native {
  readonly tag: number;
  /** Throws if the value only has the prototype of the class. */
  write(out: ByteWriter, value: object): void;
}

/** Typed array classes, by number. Values of a class that the runtime lacks cannot be read. */
const TYPED = [
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
  "Float16Array",
  "Buffer",
] as const;
const NODE_BUFFER = TYPED.indexOf("Buffer");

const types = TYPED.map((name) => (globalThis as unknown as Record<string, ElementsClass | undefined>)[name]);
const getter = (prototype: object, name: string) =>
  Object.getOwnPropertyDescriptor(prototype, name)?.get as () => unknown;
const typedValues = (Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array).values;
const dateTime = Date.prototype.getTime;
const regexpSource = getter(RegExp.prototype, "source");
const regexpFlags = getter(RegExp.prototype, "flags");
const bufferSlice = ArrayBuffer.prototype.slice;

const dates: Native = {
  tag: TAG.date,
  write(out, value) {
    plainly(value);
    out.float(dateTime.call(value));
  },
};

const regexps: Native = {
  tag: TAG.regexp,
  write(out, value) {
    plainly(value);
    const { lastIndex } = value as RegExp;
    if (typeof lastIndex !== "number") throw new TypeError("the lastIndex of a RegExp is no number");
    writeText(out, regexpSource.call(value) as string);
    writeText(out, regexpFlags.call(value) as string);
    out.float(lastIndex);
  },
};

const buffers: Native = {
  tag: TAG.bytes,
  write(out, value) {
    plainly(value);
    bufferSlice.call(value as ArrayBuffer, 0, 0); // throws for one that is detached
    out.raw(new Uint8Array(value as ArrayBuffer));
  },
};

const views: Native = {
  tag: TAG.view,
  write(out, value) {
    plainly(value);
    const { buffer, byteOffset, byteLength } = value as DataView; // throws for one that is detached or out of bounds
    out.raw(new Uint8Array(buffer, byteOffset, byteLength));
  },
};

function typed(kind: number, type: ElementsClass): Native {
  return {
    tag: TAG.typed,
    write(out, value) {
      const array = value as Elements;
      if (array.length === 0) typedValues.call(array); // throws for one that is detached or out of bounds
      out.byte(kind);
      out.count(array.length);
      if (type.BYTES_PER_ELEMENT === 1) out.rest(array);
      else out.elements(array, type);
    },
  };
}

/** Writes a Uint8Array directly, the most frequent typed array. */
export function writeBytes(out: ByteWriter, bytes: Uint8Array): void {
  if (bytes.length === 0) typedValues.call(bytes); // throws for one that is detached or out of bounds
  out.byte(TAG.octets);
  out.raw(bytes);
}

/** Throws if a built-in object has own fields, which would be lost. */
export function plainly(value: object): void {
  if (Object.keys(value).length > 0) throw new TypeError("a built-in object with fields of its own cannot be sent");
  checkSymbols(value, Object.getOwnPropertySymbols(value));
}

/**
 * Throws if a field has a symbol as its key, or the object is a built-in with a special symbol, such as an iterator.
 */
export function checkSymbols(value: object, symbols: readonly symbol[]): void {
  for (const symbol of symbols) {
    if (symbol === Symbol.iterator || symbol === Symbol.toStringTag) {
      throw new TypeError(`${Object.prototype.toString.call(value)} cannot be sent`);
    }
    if (Object.prototype.propertyIsEnumerable.call(value, symbol)) {
      throw new TypeError("a field whose name is a symbol cannot be sent");
    }
  }
}

const prototypes = new Map<object, Native>([
  [Date.prototype, dates],
  [RegExp.prototype, regexps],
  [ArrayBuffer.prototype, buffers],
  [DataView.prototype, views],
]);
for (const [kind, name] of TYPED.entries()) {
  const type = types[kind];
  if (type !== undefined) prototypes.set(type.prototype, typed(kind, name === "Buffer" ? Uint8Array : type));
}

/** The encoding of a built-in class that holds data; undefined for other classes, derived ones included. */
export function nativeOf(prototype: object): Native | undefined {
  return prototypes.get(prototype);
}

export function readDate(source: ByteReader): Date {
  return new Date(source.float());
}

export function readRegExp(source: ByteReader): RegExp {
  const expression = new RegExp(readText(source), readText(source));
  expression.lastIndex = source.float();
  return expression;
}

export function readTyped(source: ByteReader): Elements {
  const kind = source.byte();
  const type = types[kind];
  if (type === undefined) throw new CorruptFrame(`there is no ${TYPED[kind] ?? "typed array"} here`);
  const length = source.countOf(type.BYTES_PER_ELEMENT ?? 1);
  if (kind === NODE_BUFFER)
    return (type as unknown as { from(bytes: ArrayBuffer): Elements }).from(source.bytesOf(length).buffer);
  const each = type.BYTES_PER_ELEMENT;
  if (each > 1) source.take(source.byte()); // padding for alignment
  const at = source.take(length * each);
  const { bytes } = source;
  const start = bytes.byteOffset + at;
  // a copy in private memory, as slices of shared memory are; one by one, floats would lose the bits of NaNs
  if (start % each === 0) {
    const copy = new type(length);
    copy.set(new type(bytes.buffer, start, length));
    return copy;
  }
  return new type(bytes.slice(at, at + length * each).buffer, 0, length);
}
