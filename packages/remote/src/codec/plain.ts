import { isMessage } from "@ringline/core/backend";

/** A field that cannot travel. Its path is completed on the way up. */
export class Untravelled extends Error {
  readonly path: string[] = [];
}

/** What stands for a value that msgpack would change. */
export class NegativeZero {}
export class RawText {
  constructor(readonly units: Uint16Array) {}
}
export class LongInteger {
  constructor(readonly text: string) {}
}

/** What a value needs to travel as it is. */
export interface Survey {
  /** It holds the same object twice, or itself. */
  isShared: boolean;
  /** It holds something that msgpack would change. */
  isExotic: boolean;
}

const NATIVE = new Set<unknown>([Date, RegExp, ArrayBuffer, SharedArrayBuffer, DataView]);
const TYPED = Object.getPrototypeOf(Uint8Array);

/** Looks through a value. Throws `Untravelled` with the path of what cannot travel. */
export function survey(value: unknown, found: Survey, seen: Set<object>): void {
  switch (typeof value) {
    case "string":
      if (!isWellFormed(value)) found.isExotic = true;
      return;
    case "number":
      if (Object.is(value, -0)) found.isExotic = true;
      return;
    case "bigint":
      if (BigInt.asIntN(64, value) !== value) found.isExotic = true;
      return;
    case "function":
    case "symbol":
      throw new Untravelled(`a ${typeof value} cannot be sent`);
    case "object":
      if (value !== null) surveyObject(value, found, seen);
  }
}

function surveyObject(value: object, found: Survey, seen: Set<object>): void {
  if (seen.has(value)) {
    found.isShared = true;
    return;
  }
  seen.add(value);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) at(i, value[i], found, seen);
  } else if (value instanceof Map) {
    for (const [key, item] of value) {
      at(String(key), key, found, seen);
      at(String(key), item, found, seen);
    }
  } else if (value instanceof Set) {
    for (const item of value) at(String(item), item, found, seen);
  } else if (!isNative(value)) {
    surveyFields(value, found, seen);
  }
}

function isNative(value: object): boolean {
  return NATIVE.has(value.constructor) || value instanceof TYPED || value instanceof Error;
}

function surveyFields(value: object, found: Survey, seen: Set<object>): void {
  const prototype = Object.getPrototypeOf(value);
  const isBody = isMessage(value); // of a message inside another its body travels
  if (prototype !== Object.prototype && prototype !== null && !isBody && !isForeignPlain(prototype)) {
    throw new Untravelled(`an instance of ${prototype.constructor?.name ?? "a class"} cannot be sent inside a message`);
  }
  if (prototype === null || isBody) found.isExotic = true;
  for (const key of Object.keys(value)) {
    if (key === "__proto__") throw named(new Untravelled("a field cannot have this name"), key);
    at(key, (value as Record<string, unknown>)[key], found, seen);
  }
}

/** The plain prototype of another realm. */
function isForeignPlain(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "hasOwnProperty");
}

function at(key: string | number, value: unknown, found: Survey, seen: Set<object>): void {
  if (typeof value === "boolean" || value === null || value === undefined) return;
  try {
    survey(value, found, seen);
  } catch (error) {
    throw named(error, String(key));
  }
}

function named(error: unknown, key: string): unknown {
  if (error instanceof Untravelled) error.path.unshift(key);
  return error;
}

const wellFormed = (String.prototype as { isWellFormed?: () => boolean }).isWellFormed;

export function isWellFormed(text: string): boolean {
  return wellFormed?.call(text) ?? !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text);
}

/** A copy in which what msgpack would change is replaced by what stands for it. */
export function replaced(value: unknown, copies: Map<object, unknown>): unknown {
  if (typeof value === "number") return Object.is(value, -0) ? new NegativeZero() : value;
  if (typeof value === "bigint") return BigInt.asIntN(64, value) === value ? value : new LongInteger(String(value));
  if (typeof value === "string") return isWellFormed(value) ? value : new RawText(unitsOf(value));
  if (typeof value !== "object" || value === null || isNative(value)) return value;
  const known = copies.get(value);
  return known ?? replacedObject(value, copies);
}

function replacedObject(value: object, copies: Map<object, unknown>): unknown {
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    copies.set(value, list);
    for (const item of value) list.push(replaced(item, copies));
    return list;
  }
  if (value instanceof Map) {
    const map = new Map();
    copies.set(value, map);
    for (const [key, item] of value) map.set(replaced(key, copies), replaced(item, copies));
    return map;
  }
  if (value instanceof Set) {
    const set = new Set();
    copies.set(value, set);
    for (const item of value) set.add(replaced(item, copies));
    return set;
  }
  const fields: Record<string, unknown> = {};
  copies.set(value, fields);
  for (const [key, item] of Object.entries(value)) fields[key] = replaced(item, copies);
  return fields;
}

function unitsOf(text: string): Uint16Array {
  const units = new Uint16Array(text.length);
  for (let i = 0; i < text.length; i++) units[i] = text.charCodeAt(i);
  return units;
}
