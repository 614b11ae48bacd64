import { AnyMessage, isDevelopment, laterId, type MessageId, WireId } from "@ringline/core/internal";
import { unpackValue } from "@ringline/remote";
import type { AskerRef, OriginRef } from "./book.js";
import { PLAIN, type WireBody, WireMessage } from "./message.js";
import { type Head, headOf, Put } from "./put.js";
import { ALIKE, FLAG, TAG } from "./tags.js";

/** Characters up to which a loop is faster than a call of the engine. */
const SHORT = 24;

/** The values that a writer wrote, and the messages that it put; undefined for what none has written. */
export function valuesIn(bytes: Uint8Array): (readonly unknown[] | Put)[] | undefined {
  try {
    return new Reader(bytes).all();
  } catch {
    return undefined;
  }
}

class Reader {
  readonly #bytes: Buffer;
  readonly #names: string[] = [];
  #at = 0;
  #head: Head | undefined;

  constructor({ buffer, byteOffset, byteLength }: Uint8Array) {
    this.#bytes = Buffer.from(buffer, byteOffset, byteLength);
  }

  all(): (readonly unknown[] | Put)[] {
    const all: (readonly unknown[] | Put)[] = [];
    while (this.#at < this.#bytes.length) {
      const count = this.#byte();
      all.push(count < ALIKE.next ? this.#values(count) : this.#alike(count));
    }
    return all;
  }

  #values(count: number): readonly unknown[] | Put {
    const values: unknown[] = [];
    for (let left = count; left > 0; left--) values.push(this.#value(this.#byte()));
    const [k, unit, key, wire] = values;
    if (k !== "head") return values;
    if (typeof unit !== "number" || typeof key !== "number" || !(wire instanceof WireMessage)) throw foreign();
    this.#head = headOf(unit, key, wire);
    return new Put(unit, key, wire.priority, wire, undefined);
  }

  /** A message that is like the one before. */
  #alike(how: number): Put {
    const head = this.#head;
    if (head === undefined) throw foreign();
    const { unit, type, priority, hasCause, origin, names } = head;
    const id = this.#alikeId(how, head.id);
    const cause = hasCause ? this.#id() : null;
    head.id = id;
    const key = ++head.key;
    if (origin !== undefined) {
      const lineage = { origin: { ...origin, id: this.#number() } };
      const flat = this.#fill({}, names);
      const wire = new WireMessage(type, id, cause, priority, Number.POSITIVE_INFINITY, lineage, undefined, {
        ...PLAIN,
        flat,
      });
      return new Put(unit, key, priority, wire, undefined);
    }
    const message = new AnyMessage(type, undefined, id, cause, priority, undefined);
    this.#fill(message as unknown as Record<string, unknown>, names);
    if (isDevelopment) Object.freeze(message);
    return new Put(unit, key, priority, undefined, message);
  }

  #alikeId(how: number, before: MessageId): MessageId {
    if (how === ALIKE.other) return this.#id();
    const by = how === ALIKE.next ? 1 : how === ALIKE.later ? this.#count() : 0;
    if (by === 0 || !(before instanceof WireId)) throw foreign();
    return laterId(before, by);
  }

  #fill(fields: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
    for (let i = 0; i < names.length; i++) fields[names[i] as string] = this.#value(this.#byte());
    return fields;
  }

  #value(tag: number): unknown {
    switch (tag) {
      case TAG.count:
        return this.#count();
      case TAG.name:
      case TAG.newName:
        return this.#name(tag);
      case TAG.message:
        return this.#message();
      case TAG.latin:
      case TAG.wide:
        return this.#text(tag);
      case TAG.undefined:
        return undefined;
      case TAG.null:
        return null;
      case TAG.false:
        return false;
      case TAG.true:
        return true;
      case TAG.double:
        return this.#bytes.readDoubleLE(this.#take(8));
      case TAG.holder:
        return this.#fields();
      case TAG.packed:
        return unpackValue(this.#binary());
      default:
        throw foreign();
    }
  }

  #message(): WireMessage {
    const flags = this.#byte();
    const type = this.#word();
    const id = this.#id();
    const cause = flags & FLAG.cause ? this.#id() : null;
    const priority = this.#number();
    const left = flags & FLAG.left ? this.#number() : Number.POSITIVE_INFINITY;
    const trace = flags & FLAG.trace ? this.#text(this.#byte()) : undefined;
    let flat: WireBody["flat"];
    if (flags & FLAG.flat) {
      if (this.#byte() !== TAG.holder) throw foreign();
      flat = this.#fields();
    }
    const bytes = flags & FLAG.bytes ? this.#binary() : undefined;
    const rare = flags & FLAG.rare ? this.#rare() : NOTHING_RARE;
    const { buffers } = rare;
    const asker = flags & FLAG.asker ? this.#asker() : undefined;
    const origin = flags & FLAG.origin ? this.#origin() : undefined;
    const lineage = asker === undefined && origin === undefined ? undefined : { asker, origin };
    return new WireMessage(type, id, cause, priority, left, lineage, trace, { flat, bytes, buffers });
  }

  #asker(): AskerRef {
    return { id: this.#number(), isYours: this.#truth(), asked: this.#word(), name: this.#word() };
  }

  #origin(): OriginRef {
    return { id: this.#number(), isYours: this.#truth(), flow: this.#word(), isCancelled: this.#truth() };
  }

  #rare(): Rare {
    const rare = this.#byte() === TAG.packed ? unpackValue(this.#binary()) : undefined;
    if (typeof rare !== "object" || rare === null) throw foreign();
    return rare as Rare;
  }

  #fields(): Record<string, unknown> {
    const fields: Record<string, unknown> = {};
    for (let left = this.#count(); left > 0; left--) {
      const name = this.#word();
      if (name === "__proto__") throw foreign();
      fields[name] = this.#value(this.#byte());
    }
    return fields;
  }

  #number(): number {
    const value = this.#value(this.#byte());
    if (typeof value !== "number") throw foreign();
    return value;
  }

  #truth(): boolean {
    const tag = this.#byte();
    if (tag !== TAG.true && tag !== TAG.false) throw foreign();
    return tag === TAG.true;
  }

  #word(): string {
    return this.#name(this.#byte());
  }

  #id(): MessageId {
    const tag = this.#byte();
    if (tag !== TAG.id) return this.#text(tag);
    const [bytes, at] = [this.#bytes, this.#take(16)];
    return new WireId(
      bytes.readInt32LE(at),
      bytes.readInt32LE(at + 4),
      bytes.readInt32LE(at + 8),
      bytes.readInt32LE(at + 12),
    );
  }

  #name(tag: number): string {
    if (tag === TAG.newName) {
      const name = this.#text(this.#byte());
      this.#names.push(name);
      return name;
    }
    const name = tag === TAG.name ? this.#names[this.#count()] : undefined;
    if (name === undefined) throw foreign();
    return name;
  }

  #text(tag: number): string {
    const length = this.#count();
    if (tag === TAG.wide) {
      const at = this.#take(2 * length);
      return this.#bytes.toString("utf16le", at, at + 2 * length);
    }
    if (tag !== TAG.latin) throw foreign();
    const at = this.#take(length);
    if (length > SHORT) return this.#bytes.toString("latin1", at, at + length);
    let text = "";
    for (let i = at; i < at + length; i++) text += String.fromCharCode(this.#bytes[i] as number);
    return text;
  }

  #binary(): Buffer {
    const length = this.#count();
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  #byte(): number {
    const at = this.#at;
    if (at >= this.#bytes.length) throw foreign();
    this.#at = at + 1;
    return this.#bytes[at] as number;
  }

  #count(): number {
    let byte = this.#byte();
    let count = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      if (shift === 35) throw foreign();
      byte = this.#byte();
      if (shift < 28) count |= (byte & 0x7f) << shift;
      else count += (byte & 0x7f) * 2 ** 28;
    }
    return count;
  }

  /** Where the next bytes stand. Throws where they do not. */
  #take(count: number): number {
    const at = this.#at;
    if (count > this.#bytes.length - at) throw foreign();
    this.#at = at + count;
    return at;
  }
}

type Rare = Pick<WireBody, "buffers">;
const NOTHING_RARE: Rare = { buffers: undefined };

const foreign = () => new Error("not written by this release");
