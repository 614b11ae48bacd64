import { errors, type RinglineErrorOptions } from "../errors/ringline-error.js";
import { isMessage } from "./any-message.js";

/**
 * Makes a structured clone, in which a nested message becomes its body. Throws `SERIALIZATION` with the path of a field
 * that cannot be cloned, or that is an instance of a class, as its copy would not be an instance.
 */
export function cloned<T>(value: T, options: RinglineErrorOptions = {}): T {
  const instance = pathOfInstance(value, new Set());
  if (instance !== undefined) {
    throw new errors.SERIALIZATION({ path: instance }, { cause: new Error("an instance of a class"), ...options });
  }
  try {
    return structuredClone(unwrapped(value, new Map())) as T;
  } catch (cause) {
    throw new errors.SERIALIZATION({ path: pathOfFault(value, new Set()) ?? "" }, { cause, ...options });
  }
}

const { prototype: plain } = Object;

/** Path of an instance of a class in `value`; a structured clone would make it a plain object. */
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

/**
 * Returns the value with each nested message, which cannot be cloned, replaced by its body; the same value if there is
 * none.
 */
function unwrapped(value: unknown, seen: Map<unknown, unknown>): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (!seen.has(value)) {
    seen.set(value, value);
    seen.set(value, remade(value, seen));
  }
  return seen.get(value);
}

function remade(value: object, seen: Map<unknown, unknown>): unknown {
  const same = (parts: readonly unknown[], others: readonly unknown[]) => parts.every((part, i) => part === others[i]);
  if (value instanceof Map || value instanceof Set) {
    const parts = [...value];
    const others = parts.map((part) => unwrapped(part, seen));
    if (same(parts, others)) return value;
    return value instanceof Map ? new Map(others as [unknown, unknown][]) : new Set(others);
  }
  if (!Array.isArray(value) && !isPlain(value) && !isMessage(value)) return value;
  const entries = Object.entries(value);
  const others = entries.map(([, part]) => unwrapped(part, seen));
  if (
    !isMessage(value) &&
    same(
      entries.map(([, part]) => part),
      others,
    )
  )
    return value;
  return Object.assign(
    Array.isArray(value) ? new Array(value.length) : {},
    Object.fromEntries(entries.map(([key], i) => [key, others[i]])),
  );
}

/** True also for plain objects of another realm. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === null || prototype === plain) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "hasOwnProperty");
}

/** Path in `value` of the part that cannot be cloned: "steps.0.run". */
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
