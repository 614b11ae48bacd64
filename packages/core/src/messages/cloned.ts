import { errors, type RinglineErrorOptions } from "../errors/ringline-error.js";
import { isMessage } from "./any-message.js";

/**
 * A structured clone. Throws `SERIALIZATION` with the path of the field that cannot be copied; nor can instances of classes,
 * whose copies would not be instances any more. A message inside another becomes its body.
 */
export function cloned<T>(value: T, options: RinglineErrorOptions = {}): T {
  const instance = pathOfInstance(value, new Set());
  if (instance !== undefined) {
    throw new errors.SERIALIZATION({ path: instance }, { cause: new Error("an instance of a class"), ...options });
  }
  try {
    return structuredClone(value);
  } catch (cause) {
    throw new errors.SERIALIZATION({ path: pathOfFault(value, new Set()) ?? "" }, { cause, ...options });
  }
}

const { prototype: plain } = Object;

/** Where in `value` an instance of a class is that a structured clone would make a plain object of. */
function pathOfInstance(value: unknown, seen: Set<unknown>): string | undefined {
  if (typeof value !== "object" || value === null || seen.has(value)) return undefined;
  seen.add(value);
  const tag = plain.toString.call(value);
  if (tag === "[object Map]" || tag === "[object Set]") {
    return firstPath([...(value as Map<unknown, unknown>)].flat(1).entries(), seen);
  }
  if (Array.isArray(value)) return firstPath(value.entries(), seen);
  if (isPlain(value) || isMessage(value)) return firstPath(Object.entries(value), seen);
  return tag === "[object Object]" ? "" : undefined;
}

function firstPath(entries: Iterable<readonly [string | number, unknown]>, seen: Set<unknown>): string | undefined {
  for (const [key, part] of entries) {
    const below = pathOfInstance(part, seen);
    if (below !== undefined) return below === "" ? String(key) : `${key}.${below}`;
  }
  return undefined;
}

/** Also of another realm. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === null || prototype === plain) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "hasOwnProperty");
}

/** Where in `value` the part is that cannot be cloned: "steps.0.run". */
function pathOfFault(value: unknown, seen: Set<unknown>): string | undefined {
  if (clones(value)) return undefined;
  if (typeof value !== "object" || value === null || seen.has(value)) return "";
  seen.add(value);
  for (const [key, part] of Object.entries(value)) {
    const below = pathOfFault(part, seen);
    if (below !== undefined) return below === "" ? key : `${key}.${below}`;
  }
  return "";
}

function clones(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}
