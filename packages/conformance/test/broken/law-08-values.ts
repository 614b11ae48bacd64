import { type AnyMessage, copyMessage, envelopeOf } from "@ringline/core/internal";
import { type BrokenBackend, eachPort, portWith, spoiled } from "./broken-backend.js";

type Change = (value: unknown, depth: number) => unknown;

/** Copies a value, each part changed first; cycles are kept. */
function mapped(value: unknown, change: Change, depth = 0, known = new Map<unknown, unknown>()): unknown {
  const changed = change(value, depth);
  if (changed !== value || typeof value !== "object" || value === null) return changed;
  if (known.has(value)) return known.get(value);
  const inner = (one: unknown) => mapped(one, change, depth + 1, known);
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    known.set(value, list);
    for (const one of value) list.push(inner(one));
    return list;
  }
  if (value instanceof Map) {
    const map = new Map();
    known.set(value, map);
    for (const [key, one] of value) map.set(inner(key), inner(one));
    return map;
  }
  if (value instanceof Set) {
    const set = new Set();
    known.set(value, set);
    for (const one of value) set.add(inner(one));
    return set;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  const fields: Record<string, unknown> = {};
  known.set(value, fields);
  for (const [name, one] of Object.entries(value)) fields[name] = inner(one);
  return fields;
}

/** Changes the values of each message on its way. */
function changing(change: Change) {
  const changed = (message: AnyMessage) =>
    copyMessage(message, envelopeOf(message), mapped({ ...message }, change) as object);
  return spoiled({
    port: eachPort("input", (port) =>
      portWith(port, {
        outlet: {
          tryPush: (message) => port.outlet.tryPush(changed(message)),
          push: (message, wait) => port.outlet.push(changed(message), wait),
        },
      }),
    ),
  });
}

const changes: readonly (readonly [name: string, does: string, of: string, change: Change])[] = [
  [
    "big integers as numbers",
    "makes a number of each big integer",
    "big integers",
    (value) => (typeof value === "bigint" ? Number(value) : value),
  ],
  ["dates as text", "makes a text of each date", "dates", (value) => (value instanceof Date ? value.toJSON() : value)],
  ["sets as lists", "makes a list of each set", "sets", (value) => (value instanceof Set ? [...value] : value)],
  [
    "keys as text",
    "makes a text of each key of a map",
    "maps",
    (value) => (value instanceof Map ? new Map([...value].map(([key, one]) => [String(key), one])) : value),
  ],
  [
    "views without offset",
    "sends the whole buffer of a view",
    "values: bytes and typed arrays",
    (value) =>
      value instanceof Uint8Array || value instanceof Float64Array
        ? new (value.constructor as Uint8ArrayConstructor)(value.buffer as ArrayBuffer)
        : value,
  ],
  [
    "bytes as lists",
    "makes a list of numbers of each typed array",
    "typed arrays",
    (value) => (ArrayBuffer.isView(value) && !(value instanceof DataView) ? [...(value as Uint8Array)] : value),
  ],
  ["one zero", "knows no negative zero", "numbers", (value) => (value === 0 ? 0 : value)],
  [
    "no number is null",
    "makes null of NaN and of what is infinite",
    "numbers",
    (value) => (typeof value === "number" && !Number.isFinite(value) ? null : value),
  ],
  [
    "text of 16 bits",
    "cuts what is beyond the basic plane out of texts",
    "text",
    (value) => (typeof value === "string" ? value.replace(/[\ud800-\udfff]/g, "?") : value),
  ],
  ["undefined is null", "makes null of undefined", "nothing at all", (value) => (value === undefined ? null : value)],
  [
    "short text",
    "cuts texts after 65,535 characters",
    "much text",
    (value) => (typeof value === "string" ? value.slice(0, 65_535) : value),
  ],
  ["flat", "gives up at the tenth level", "deep structures", (value, depth) => (depth > 10 ? null : value)],
  [
    "nothing for what is empty",
    "makes null of empty lists, maps, sets and texts",
    "empty things",
    (value) =>
      (value as { length?: number; size?: number } | null)?.length === 0 ||
      (value as { size?: number } | null)?.size === 0
        ? null
        : value,
  ],
];

/** Backends that change values on their way. */
export const law08Values: readonly BrokenBackend[] = changes.map(([name, does, of, change]) => ({
  name,
  law: 8,
  does,
  caughtBy: of.includes(":") ? of : `transport: ${of} arrive as they were`,
  create: () => changing(change),
}));
