import { type AnyRinglineError, errors, isRinglineError } from "@ringline/core";
import { type ByteReader, CorruptFrame } from "./byte-reader.js";
import type { ByteWriter } from "./byte-writer.js";
import { checkSymbols } from "./natives.js";
import type { NestedReader, NestedWriter } from "./nested.js";
import { readText, writeText } from "./scalars.js";
import { TAG } from "./tags.js";

/** Built-in error classes, by number. */
const CLASSES = [
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  AggregateError,
] as unknown as readonly (new (
  errors: readonly unknown[] | undefined,
) => Error)[];
const numbers = new Map<object, number>(CLASSES.map(({ prototype }, i) => [prototype, i]));
/** Fields that are sent although they are not enumerable. */
const HIDDEN = ["message", "name", "stack", "cause", "errors"];
/** Fields of an error of Ringline that its constructor sets. */
const CODED = ["details", "remedy", "kernelId", "stage", "messageId"];

type DomException = new (message: string, name: string) => Error;
const domException = () => (globalThis as { DOMException?: DomException }).DOMException;

/**
 * Writes an error: its nearest built-in class, its message, stack and fields. Values inside a Ringline error that
 * cannot be sent are described in words, as they may come from any `throw`. Returns false for anything but an error.
 */
export function writeError(writer: NestedWriter, error: object, prototype: object): boolean {
  if (isRinglineError(error)) writeCoded(writer, error);
  else if (prototype === domException()?.prototype) writer.nest(TAG.domException, error);
  else if (isError(error)) writer.nest(TAG.error, error);
  else return false;
  return true;
}

function isError(value: object): boolean {
  return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";
}

/** Writes what follows the tag of an error. */
export function writeErrorHead(out: ByteWriter, tag: number, error: object): void {
  if (tag === TAG.error) {
    out.byte(classOf(error));
    return;
  }
  const { message, name } = error as Error;
  writeText(out, message);
  writeText(out, name);
}

/** Number of the nearest built-in class, also of another realm. */
function classOf(error: object): number {
  for (let one = Object.getPrototypeOf(error); one !== null; one = Object.getPrototypeOf(one)) {
    const number =
      numbers.get(one) ??
      CLASSES.findIndex(({ name }) => Object.hasOwn(one, "constructor") && name === one.constructor.name);
    if (number >= 0) return number;
  }
  return 0;
}

function writeCoded(writer: NestedWriter, error: AnyRinglineError): void {
  writer.out.byte(TAG.coded);
  writeText(writer.out, error.code);
  writer.inWords(() => {
    for (const name of CODED) writer.child(error, name);
    writeErrorFields(writer, error);
  });
}

/**
 * Writes the own fields of an error, including non-enumerable ones, and `name` and `message` of a class that the
 * receiver lacks.
 */
export function writeErrorFields(writer: NestedWriter, error: object): void {
  const isCoded = isRinglineError(error);
  const names = Object.keys(error).filter((name) => !isCoded || (name !== "code" && !CODED.includes(name)));
  const hidden = HIDDEN.filter((name) => !names.includes(name) && isKept(error as Error, name));
  if (!writer.isInWords) checkSymbols(error, Object.getOwnPropertySymbols(error));
  writer.out.count(names.length + hidden.length);
  for (const name of [...names, ...hidden]) {
    writeText(writer.out, name);
    writer.out.byte(hidden.includes(name) ? 0 : 1);
    writer.at(name);
    writer.child(error, name);
  }
}

function isKept(error: Error, name: string): boolean {
  if (Object.hasOwn(error, name)) return name !== "stack" || isReadable(error, name);
  if (name !== "message" && name !== "name") return false;
  const prototype = Object.getPrototypeOf(error);
  if (numbers.has(prototype) || isRinglineError(error) || prototype === domException()?.prototype) return false;
  return error[name] !== (CLASSES[classOf(error)] as { prototype: Error } | undefined)?.prototype[name];
}

/** False for a stack that the engine formats on its first read, and cannot because of a field such as `toString`. */
function isReadable(error: Error, name: "stack"): boolean {
  try {
    Reflect.get(error, name);
    return true;
  } catch {
    return false;
  }
}

/** Reads an error without its fields. */
export function readErrorHead(source: ByteReader, tag: number): Error {
  if (tag === TAG.error) {
    const number = source.byte();
    const type = CLASSES[number];
    if (type === undefined) throw new CorruptFrame(`there are no errors of class ${number}`);
    return withoutStack(() => new type(type.prototype === AggregateError.prototype ? [] : undefined));
  }
  const [message, name] = [readText(source), readText(source)];
  const type = domException();
  if (type === undefined) throw new CorruptFrame("there is no DOMException here");
  return withoutStack(() => new type(message, name));
}

export function readCoded(reader: NestedReader): Error {
  const code = readText(reader.source);
  const type = Object.hasOwn(errors, code) ? errors[code as keyof typeof errors] : undefined;
  if (type === undefined) throw new CorruptFrame(`there are no errors of code ${code}`);
  const place = reader.reserve();
  const [details, remedy, kernelId, stage, messageId] = [0, 0, 0, 0, 0].map(() => reader.read()) as never[];
  const error = withoutStack(
    () =>
      new (type as never as new (details: unknown, options: object) => Error)(details, {
        remedy,
        kernelId,
        stage,
        messageId,
      }),
  );
  reader.keep(error, place);
  readErrorFields(reader, error);
  return error;
}

export function readErrorFields(reader: NestedReader, error: Error): void {
  for (let left = reader.source.countOf(3); left > 0; left--) {
    const name = readText(reader.source);
    const enumerable = reader.source.byte() === 1;
    Object.defineProperty(error, name, { value: reader.read(), enumerable, configurable: true, writable: true });
  }
}

/** Creates an error without capturing a stack; the original stack is set afterwards. */
function withoutStack(make: () => Error): Error {
  const type = Error as { stackTraceLimit?: number };
  const { stackTraceLimit } = type;
  Reflect.set(type, "stackTraceLimit", 0);
  try {
    return make();
  } finally {
    if (stackTraceLimit === undefined) Reflect.deleteProperty(type, "stackTraceLimit");
    else Reflect.set(type, "stackTraceLimit", stackTraceLimit);
  }
}
