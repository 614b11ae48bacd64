import type { Header } from "@ringline/core";

/** Values that JSON cannot express, as objects with one field, which `fromJson` reads back. */
const TYPED = {
  Uint8Array,
  Uint8ClampedArray,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
} as const;

/** A message as JSON that people can read and edit. `isWhole`: nothing was omitted. */
export interface Written {
  readonly text: string;
  readonly isWhole: boolean;
}

/** Writes the body of a message with its type, without the rest of the header; at most about `most` characters. */
export function writeMessage(message: Header, most: number): Written {
  const writer = new Writer(most);
  const body = writer.value({ ...message }, 0) as object;
  const text = JSON.stringify({ type: message.type, ...body }, null, most > 1000 ? 2 : 0);
  return {
    text: text.length > 2 * most ? `${text.slice(0, 2 * most)}…` : text,
    isWhole: writer.isWhole && text.length <= 2 * most,
  };
}

/** Reads a message as `writeMessage` writes it. Throws for anything but an object with a `type`. */
export function readMessage(text: string): { readonly type: string } {
  const value: unknown = JSON.parse(text, (_, field: unknown) => revived(field));
  if (typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string") {
    return value as { readonly type: string };
  }
  throw new SyntaxError('a message is an object with a "type"');
}

class Writer {
  #left: number;
  isWhole = true;

  constructor(most: number) {
    this.#left = most;
  }

  value(value: unknown, depth: number): unknown {
    if (typeof value === "string") {
      if (value.length <= this.#left) return this.#spent(value.length + 2, value);
      this.isWhole = false;
      return this.#spent(this.#left, `${value.slice(0, Math.max(0, this.#left))}…`);
    }
    this.#left -= 8;
    if (value === null || typeof value === "boolean") return value;
    if (typeof value === "number")
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { $number: Object.is(value, -0) ? "-0" : String(value) };
    if (typeof value === "bigint") return { $bigint: String(value) };
    if (value === undefined) return { $undefined: true };
    if (typeof value !== "object" || depth > 20) return this.#cut(`[${typeof value}]`);
    return this.#object(value, depth);
  }

  #object(value: object, depth: number): unknown {
    if (value instanceof Date) return { $date: Number.isNaN(value.getTime()) ? null : value.toISOString() };
    if (value instanceof Map) return { $map: this.#items([...value], depth) };
    if (value instanceof Set) return { $set: this.#items([...value], depth) };
    if (value instanceof Error) return this.#cut(`${value.name}: ${value.message}`);
    for (const [name, type] of Object.entries(TYPED)) {
      if (value instanceof type) return { [`$${name}`]: this.#items(value, depth) };
    }
    if (Array.isArray(value)) return this.#items(value, depth);
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return this.#cut(`[${value.byteLength} bytes]`);
    const fields: Record<string, unknown> = {};
    for (const name of Object.keys(value)) {
      if (this.#left <= 0) {
        this.isWhole = false;
        break;
      }
      this.#left -= name.length + 4;
      try {
        Object.defineProperty(fields, name, {
          value: this.value((value as Record<string, unknown>)[name], depth + 1),
          enumerable: true,
        });
      } catch (error) {
        fields[name] = this.#cut(`[${String(error)}]`);
      }
    }
    return fields;
  }

  #items(items: ArrayLike<unknown>, depth: number): unknown[] {
    const written: unknown[] = [];
    for (let i = 0; i < items.length; i++) {
      if (this.#left <= 0) {
        this.isWhole = false;
        written.push(`… ${items.length - i} more`);
        break;
      }
      written.push(this.value(items[i], depth + 1));
    }
    return written;
  }

  #cut(text: string): string {
    this.isWhole = false;
    return text;
  }

  #spent<T>(characters: number, value: T): T {
    this.#left -= characters;
    return value;
  }
}

function revived(field: unknown): unknown {
  if (typeof field !== "object" || field === null) return field;
  const names = Object.keys(field);
  const [name] = names;
  if (names.length !== 1 || name === undefined || !name.startsWith("$")) return field;
  const value = (field as Record<string, unknown>)[name];
  if (name === "$bigint" && typeof value === "string") return BigInt(value);
  if (name === "$number" && typeof value === "string") return Number(value);
  if (name === "$undefined") return undefined;
  if (name === "$date") return new Date((value as string | null) ?? Number.NaN);
  if (name === "$map" && Array.isArray(value)) return new Map(value as [unknown, unknown][]);
  if (name === "$set" && Array.isArray(value)) return new Set(value);
  const type = Object.hasOwn(TYPED, name.slice(1)) ? TYPED[name.slice(1) as keyof typeof TYPED] : undefined;
  return type !== undefined && Array.isArray(value) ? type.from(value as number[]) : field;
}
