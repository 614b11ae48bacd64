import { isMessage, show } from "@ringline/core/internal";
import { ByteWriter } from "./byte-writer.js";
import { writeError, writeErrorFields, writeErrorHead } from "./errors.js";
import { KeyLists } from "./key-lists.js";
import { writeList } from "./lists.js";
import { localOf } from "./local-class.js";
import { checkSymbols, nativeOf, plainly, writeBytes } from "./natives.js";
import type { NestedWriter } from "./nested.js";
import { writeBigint, writeNumber, writeText } from "./scalars.js";
import { Seen } from "./seen.js";
import { type ContainerTag, DEEPEST, TAG } from "./tags.js";

/** Maximum nesting depth in all; a getter could create containers endlessly. */
const MOST_LEVELS = 200_000;
/** Maximum nesting depth inside a Ringline error; deeper values are described in words. */
const LEVELS_OF_ERRORS = 10;
/** Placeholder for a key: the whole value. */
const WHOLE = Symbol("whole");
/** Number of keys in the path of a container with deferred contents. */
const NAMED = 3;

/** A container whose contents are written after the value. */
interface Later {
  readonly tag: ContainerTag;
  readonly value: object;
  readonly level: number;
  readonly path: readonly unknown[];
}

const mapEntries = Map.prototype.entries;
const setValues = Set.prototype.values;
const objectKind = Object.prototype.toString;

/**
 * Checks and writes a value in one pass: throws for a part that cannot arrive equal, whose location is `path`. Deeply
 * nested containers are written empty and their contents after the value, so no depth overflows the stack.
 */
export class ValueWriter implements NestedWriter {
  readonly out: ByteWriter;
  readonly #seen = new Seen();
  readonly #lists = new KeyLists();
  readonly #later: Later[] = [];
  /** Keys that lead to the current value; the last one is at `#depth`. */
  readonly #keys: unknown[] = [WHOLE];
  /** Number of containers around the current value. */
  #depth = 0;
  /** The container whose deferred contents are being written. */
  #above: Later | undefined;
  /** Depth from which containers are described in words; -1 outside errors. */
  #words = -1;

  constructor(out = new ByteWriter()) {
    this.out = out;
  }

  /** Writes the deferred contents, and forgets all objects. Must also be called after a failed write. */
  end(isWhole = true): void {
    if (this.#seen.size === 0 && isWhole) return;
    if (isWhole && this.#later.length > 0) this.#writeLater();
    if (!isWhole || this.#above !== undefined) this.#reset();
    this.#seen.cut(0);
    if (this.#lists.used > 0) this.#lists.cut(0);
  }

  #reset(): void {
    this.#later.length = 0;
    this.#depth = 0;
    this.#words = -1;
    this.#above = undefined;
  }

  #writeLater(): void {
    for (const one of this.#later) {
      // the list grows during the loop
      this.#above = one;
      this.#depth = 0;
      this.#fill(one.tag, one.value);
    }
  }

  /** Path of the current value: "steps.0.run". */
  get path(): string {
    const keys = [...(this.#above?.path ?? []), ...this.#keys.slice(0, this.#depth + 1)];
    return keys
      .filter((key) => key !== WHOLE)
      .map(nameOf)
      .join(".");
  }

  /** Records the key of the next value, for `path`, and returns it. */
  at<K>(key: K): K {
    this.#keys[this.#depth] = key;
    return key;
  }

  /** Writes a value. Throws if it cannot be sent. */
  write(value: unknown): void {
    switch (typeof value) {
      case "number":
        writeNumber(this.out, value);
        return;
      case "string":
        writeText(this.out, value);
        return;
      case "object":
        if (value === null) this.out.byte(TAG.null);
        else this.#object(value);
        return;
      case "boolean":
        this.out.byte(value ? TAG.true : TAG.false);
        return;
      case "undefined":
        this.out.byte(TAG.undefined);
        return;
      case "bigint":
        writeBigint(this.out, value);
        return;
      default:
        throw new TypeError(`a ${typeof value} cannot be sent`);
    }
  }

  #object(value: object): void {
    const known = this.#seen.find(value);
    if (known < 0) this.#instance(value, Object.getPrototypeOf(value));
    else {
      this.out.byte(TAG.again);
      this.out.count(known);
    }
  }

  #instance(value: object, prototype: object | null): void {
    const { out } = this;
    if (prototype === Object.prototype) this.nest(TAG.object, value);
    else if (prototype === Array.prototype && Array.isArray(value)) this.nest(TAG.list, value);
    else if (prototype === Uint8Array.prototype) writeBytes(out, value as Uint8Array);
    else if (prototype === null) this.#bare(value);
    else if (prototype === Map.prototype) this.nest(TAG.map, value);
    else if (prototype === Set.prototype) this.nest(TAG.set, value);
    else {
      const native = nativeOf(prototype);
      if (native !== undefined) {
        out.byte(native.tag);
        native.write(out, value);
      } else this.#other(value, prototype);
    }
  }

  #bare(value: object): void {
    const kind = objectKind.call(value);
    if (kind !== "[object Object]") throw new TypeError(`${kind} without its prototype cannot be sent`);
    this.nest(TAG.bare, value);
  }

  #other(value: object, prototype: object): void {
    if (isMessage(value)) {
      this.nest(TAG.object, value); // of a nested message, only the body is sent
      return;
    }
    if (writeError(this, value, prototype)) return;
    const local = localOf(prototype);
    if (local === undefined)
      throw new TypeError(`an instance of ${className(prototype)} cannot be sent inside a message`);
    this.#instance(value, local);
  }

  /** Writes a container: in place, or empty with its contents after the value if nested too deep. */
  nest(tag: ContainerTag, value: object): void {
    const { out } = this;
    if (this.#depth < DEEPEST || this.#words >= 0) {
      if (tag !== TAG.list) this.#head(tag, value); // the contents of a list begin with its kind
      this.#fill(tag, value);
      return;
    }
    const level = (this.#above?.level ?? 0) + this.#depth;
    if (level > MOST_LEVELS) throw new RangeError(`more than ${MOST_LEVELS} levels`);
    out.byte(TAG.later);
    this.#head(tag, value);
    const path = this.#above?.path ?? [...this.#keys.slice(0, NAMED), "…"];
    this.#later.push({ tag, value, level, path });
  }

  #head(tag: ContainerTag, value: object): void {
    this.out.byte(tag);
    if (tag === TAG.error || tag === TAG.domException) writeErrorHead(this.out, tag, value);
  }

  #fill(tag: ContainerTag, value: object): void {
    const depth = this.#enter();
    switch (tag) {
      case TAG.object:
      case TAG.bare:
        this.#fields(value as Record<string, unknown>);
        break;
      case TAG.list:
        writeList(this, value as unknown[]);
        break;
      case TAG.map:
        plainly(value);
        for (const entry of mapEntries.call(value as Map<unknown, unknown>)) {
          this.#keys[depth] = entry[0];
          this.child(entry, 0);
          this.child(entry, 1);
        }
        this.out.byte(TAG.end);
        break;
      case TAG.set:
        plainly(value);
        for (const item of setValues.call(value as Set<unknown>)) {
          this.#keys[depth] = item;
          if (this.#words < 0) this.write(item);
          else this.child([item], 0);
        }
        this.out.byte(TAG.end);
        break;
      default:
        writeErrorFields(this, value);
    }
    this.#depth = depth - 1;
  }

  #enter(): number {
    if (this.#words >= 0 && this.#depth >= this.#words) throw new RangeError("an error that is nested too deep");
    const depth = ++this.#depth;
    this.#keys[depth] = WHOLE;
    return depth;
  }

  #fields(object: Record<string, unknown>): void {
    const { out } = this;
    const symbols = Object.getOwnPropertySymbols(object);
    if (symbols.length > 0) checkSymbols(object, symbols);
    const list = this.#lists.of(object);
    if (list === undefined) {
      const keys = Object.keys(object);
      out.count(0);
      out.count(keys.length);
      for (const key of keys) {
        writeText(out, key);
        this.child(object, this.at(key));
      }
      return;
    }
    const { keys } = list;
    if (list.number >= 0) out.count(list.number + 2);
    else {
      out.count(1);
      out.count(keys.length);
      for (const key of keys) writeText(out, key);
      this.#lists.number(list);
    }
    if (this.#words < 0) this.#writeAll(object, keys);
    else for (const key of keys) this.child(object, this.at(key));
  }

  /** Writes the first fields in lines of their own: engines optimise each for one name, but not a loop over many. */
  #writeAll(object: Record<string, unknown>, keys: readonly string[]): void {
    const { length } = keys;
    if (length > 0) this.write(object[this.at(keys[0] as string)]);
    if (length > 1) this.write(object[this.at(keys[1] as string)]);
    if (length > 2) this.write(object[this.at(keys[2] as string)]);
    if (length > 3) this.write(object[this.at(keys[3] as string)]);
    if (length > 4) this.write(object[this.at(keys[4] as string)]);
    if (length > 5) this.write(object[this.at(keys[5] as string)]);
    for (let i = 6; i < length; i++) this.write(object[this.at(keys[i] as string)]);
  }

  /** Writes that many elements of a list in order; a getter in one may change the length. */
  items(list: readonly unknown[], length: number): void {
    const path = this.#keys;
    const depth = this.#depth;
    for (let i = 0; i < length; i++) {
      path[depth] = i;
      if (this.#words < 0) this.write(list[i]);
      else this.child(list, i);
    }
  }

  /** Writes the value at `key`; inside `inWords`, describes it in words if it cannot be sent. */
  child(holder: object, key: string | number): void {
    const values = holder as Record<string | number, unknown>;
    if (this.#words < 0) {
      this.write(values[key]);
      return;
    }
    const [{ size }, seen, lists, depth] = [this.out, this.#seen.size, this.#lists.used, this.#depth];
    let value: unknown;
    try {
      value = values[key];
      this.write(value);
    } catch {
      this.out.size = size;
      this.#seen.cut(seen);
      this.#lists.cut(lists);
      this.#depth = depth;
      writeText(this.out, inWords(value));
    }
  }

  /** Writes a container by `write`; parts that cannot be sent or are nested too deep are described in words. */
  inWords(write: () => void): void {
    const words = this.#words;
    const depth = this.#enter();
    if (words < 0) this.#words = depth + LEVELS_OF_ERRORS;
    write();
    this.#words = words;
    this.#depth = depth - 1;
  }

  get isInWords(): boolean {
    return this.#words >= 0;
  }
}

function nameOf(key: unknown): string {
  try {
    return String(key);
  } catch {
    return "?";
  }
}

function inWords(value: unknown): string {
  try {
    return value instanceof Error ? String(value) : show(value);
  } catch {
    return "something that cannot be shown";
  }
}

function className(prototype: object): string {
  const name = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value?.name;
  return typeof name === "string" && name !== "" && name !== "Object" ? name : "a class";
}
