import { ByteReader, CorruptFrame } from "./byte-reader.js";
import { readCoded, readErrorFields, readErrorHead } from "./errors.js";
import { readList } from "./lists.js";
import { readDate, readRegExp, readTyped } from "./natives.js";
import type { NestedReader } from "./nested.js";
import { readDigits, readText } from "./scalars.js";
import { DEEPEST, SHORT_TEXT, SMALL_INT, TAG } from "./tags.js";

/** Maximum nesting depth: that of a writer, plus that of the values in a Ringline error. */
const MOST_NESTED = 2 * DEEPEST;

/** Field names that objects of one value share. */
interface FieldNames {
  readonly names: readonly string[];
  /** The same names as engines store them, from the second object on. */
  interned: readonly string[] | undefined;
  /** True if `__proto__` is one of the names, to which nothing can be assigned. */
  readonly hasProto: boolean;
}

/** Maximum number of objects for which the array is reused. */
const FEW = 32;

/** Reads the output of a `ValueWriter`. For any bytes, time and memory are proportional to their number. */
export class ValueReader implements NestedReader {
  readonly source: ByteReader;
  #objects: unknown[] = [];
  #count = 0;
  #lists: FieldNames[] = [];
  #later: [tag: number, value: object][] = [];
  #depth = 0;

  constructor(source = new ByteReader()) {
    this.source = source;
  }

  /** Reads the deferred contents after a value, and forgets all objects. Must also be called after a failed read. */
  end(isWhole = true): void {
    if (this.#count > 0) this.#end(isWhole);
  }

  #end(isWhole: boolean): void {
    if (this.#later.length > 0) {
      // the list grows during the loop
      if (isWhole)
        for (const [tag, value] of this.#later) this.#fill(tag === TAG.list ? this.source.byte() : tag, value);
      this.#later = [];
    }
    if (this.#count > FEW) this.#objects = [];
    else for (let i = 0; i < this.#count; i++) this.#objects[i] = undefined;
    this.#count = 0;
    this.#depth = 0;
    if (this.#lists.length > 0) this.#lists = [];
  }

  /** Reads a value. Throws `CorruptFrame`, and any error of a built-in class for invalid data. */
  read(): unknown {
    const tag = this.source.byte();
    return tag >= SMALL_INT ? tag - SMALL_INT : this.readAs(tag);
  }

  /** Reads the rest of a value whose first byte was read. */
  readAs(tag: number): unknown {
    const { source } = this;
    if (tag >= SMALL_INT) return tag - SMALL_INT;
    if (tag >= SHORT_TEXT) return source.ascii(tag - SHORT_TEXT);
    switch (tag) {
      case TAG.int:
        return source.int();
      case TAG.float:
        return source.float();
      case TAG.undefined:
        return undefined;
      case TAG.null:
        return null;
      case TAG.false:
        return false;
      case TAG.true:
        return true;
      case TAG.text:
        return source.text();
      case TAG.units:
        return source.units();
      case TAG.bigint:
        return source.bigint();
      case TAG.digits:
        return readDigits(source);
      case TAG.octets:
        return this.keep(source.raw());
      case TAG.object: {
        const object = this.keep({});
        this.#deeper();
        this.#fields(object);
        this.#depth--;
        return object;
      }
      case TAG.again:
        return this.#known(source.count());
      default:
        return this.#object(tag);
    }
  }

  #known(number: number): unknown {
    if (number >= this.#count) throw new CorruptFrame(`there is no object ${number}`);
    return this.#objects[number];
  }

  #object(tag: number): unknown {
    const { source } = this;
    switch (tag) {
      case TAG.typed:
        return this.keep(readTyped(source));
      case TAG.date:
        return this.keep(readDate(source));
      case TAG.regexp:
        return this.keep(readRegExp(source));
      case TAG.bytes:
        return this.keep(source.raw().buffer);
      case TAG.view:
        return this.keep(new DataView(source.raw().buffer));
      case TAG.coded:
        return this.#nested(() => readCoded(this));
      case TAG.later: {
        const kind = source.byte();
        const empty = this.keep(this.#empty(kind));
        this.#later.push([kind, empty]);
        return empty;
      }
    }
    const object = this.keep(this.#empty(tag));
    this.#fill(tag, object);
    return object;
  }

  #empty(tag: number): object {
    switch (tag) {
      case TAG.object:
        return {};
      case TAG.bare:
        return Object.create(null);
      case TAG.list:
      case TAG.ints:
      case TAG.floats:
      case TAG.sparse:
        return [];
      case TAG.map:
        return new Map();
      case TAG.set:
        return new Set();
      case TAG.error:
      case TAG.domException:
        return readErrorHead(this.source, tag);
      default:
        throw new CorruptFrame(`there are no values of kind ${tag}`);
    }
  }

  #fill(tag: number, object: object): void {
    this.#deeper();
    switch (tag) {
      case TAG.object:
      case TAG.bare:
        this.#fields(object as Record<string, unknown>);
        break;
      case TAG.map:
        for (const map = object as Map<unknown, unknown>; !this.#isEnd(); ) map.set(this.read(), this.read());
        break;
      case TAG.set:
        for (const set = object as Set<unknown>; !this.#isEnd(); ) set.add(this.read());
        break;
      case TAG.error:
      case TAG.domException:
        readErrorFields(this, object as Error);
        break;
      default:
        readList(this, object as unknown[], tag);
    }
    this.#depth--;
  }

  #deeper(): void {
    if (++this.#depth > MOST_NESTED) throw new CorruptFrame("values are nested too deep");
  }

  #isEnd(): boolean {
    if (this.source.next !== TAG.end) return false;
    this.source.byte();
    return true;
  }

  #fields(object: Record<string, unknown>): void {
    const { source } = this;
    const kind = source.count();
    if (kind === 0) {
      for (let left = source.countOf(2); left > 0; left--) this.define(object, readText(source), this.read());
      return;
    }
    if (kind === 1) {
      const names = this.#names();
      this.#lists.push({ names, interned: undefined, hasProto: names.includes("__proto__") });
      for (const name of names) this.define(object, name, this.read());
      return;
    }
    const list = this.#lists[kind - 2];
    if (list === undefined) throw new CorruptFrame(`there is no list of names ${kind - 2}`);
    list.interned ??= list.names.map(interned);
    if (list.hasProto) for (const name of list.names) this.define(object, name, this.read());
    else this.#assign(object, list.interned);
  }

  /** Reads the first fields in lines of their own: engines optimise each for one name, but not a loop over many. */
  #assign(object: Record<string, unknown>, names: readonly string[]): void {
    const { length } = names;
    if (length > 0) object[names[0] as string] = this.read();
    if (length > 1) object[names[1] as string] = this.read();
    if (length > 2) object[names[2] as string] = this.read();
    if (length > 3) object[names[3] as string] = this.read();
    if (length > 4) object[names[4] as string] = this.read();
    if (length > 5) object[names[5] as string] = this.read();
    for (let i = 6; i < length; i++) object[names[i] as string] = this.read();
  }

  #names(): string[] {
    const names: string[] = [];
    for (let left = this.source.countOf(1); left > 0; left--) names.push(readText(this.source));
    return names;
  }

  /** Defines an own field of the object, whatever its name. */
  define(object: object, name: string, value: unknown): void {
    if (name !== "__proto__") (object as Record<string, unknown>)[name] = value;
    else Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  }

  /** Numbers an object, with the number that was reserved for it. */
  keep<T>(object: T, place = this.#count++): T {
    this.#objects[place] = object;
    return object;
  }

  reserve(): number {
    return this.#count++;
  }

  #nested<T>(read: () => T): T {
    this.#deeper();
    const value = read();
    this.#depth--;
    return value;
  }
}

/** The same name as engines store it, which they find faster than an equal text. */
function interned(name: string): string {
  return Object.keys({ [name]: 0 })[0] as string;
}
