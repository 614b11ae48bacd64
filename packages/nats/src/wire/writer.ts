import {
  type AnyMessage,
  type Clock,
  causeOf,
  idOf,
  type MessageId,
  madeAfter,
  raritiesOf,
  writeMessageId,
} from "@ringline/core/internal";
import { packValue } from "@ringline/remote";
import type { Book, OriginRef, WireLineage } from "./book.js";
import { PLAIN, toWire, WireMessage } from "./message.js";
import { type Head, headOf } from "./put.js";
import { ALIKE, FLAG, TAG } from "./tags.js";

const START = 64 * 1024;
/** More bytes than that are given back once they were used. */
const KEEP = 1024 * 1024;
/** Characters up to which a loop is faster than a call of the engine. */
const SHORT = 64;
const LATIN = /^[\0-\xff]*$/;
const CANONICAL = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const words = new Int32Array(4);

/** Writes values one behind the other. What it is given may change afterwards. */
export class Writer {
  #bytes = Buffer.allocUnsafeSlow(START);
  #at = 0;
  /** Texts that stand in these bytes, which are not written twice, in the order in which they came. */
  readonly #names = new Map<string, number>();
  /** The message that was put last. */
  #head: Head | undefined;

  /** Bytes. */
  get size(): number {
    return this.#at;
  }

  /** Throws `SERIALIZATION`: then nothing was added. */
  add(values: readonly unknown[]): void {
    const [before, names] = [this.#at, this.#names.size];
    try {
      this.#count(values.length);
      for (let i = 0; i < values.length; i++) this.#said(values[i]);
    } catch (error) {
      this.#at = before;
      for (const [name, i] of this.#names) if (i >= names) this.#names.delete(name);
      throw error;
    }
  }

  /** What was written, valid until something is added. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#at);
    if (this.#bytes.length > KEEP) this.#bytes = Buffer.allocUnsafeSlow(START);
    this.#at = 0;
    this.#names.clear();
    this.#head = undefined;
    return taken;
  }

  /** A message with a `PLAIN` body, for the kernel `unit` or an output of it: a few bytes where it is like the one before. */
  put(unit: number, key: number, message: AnyMessage, book: Book, clock: Clock): void {
    if (this.#putAlike(unit, key, message, book)) return;
    const wire = toWire(message, book, clock, PLAIN);
    this.#head = headOf(unit, key, wire);
    this.add([this.#head === undefined ? "put" : "head", unit, key, wire]);
  }

  /** False where it is not like it: then nothing is written. */
  #putAlike(unit: number, key: number, message: AnyMessage, book: Book): boolean {
    const head = this.#head;
    if (head === undefined || unit !== head.unit || key !== head.key + 1) return false;
    const { type, priority, hasCause, origin, names } = head;
    const [cause, rarities] = [causeOf(message), raritiesOf(message)];
    if (message.type !== type || message.priority !== priority || (cause !== null) !== hasCause) return false;
    let from: OriginRef | undefined;
    if (rarities !== undefined) {
      const { expiresAt, lineage, trace } = rarities;
      if (expiresAt !== Number.POSITIVE_INFINITY || trace !== undefined || lineage?.asker !== undefined) return false;
      from = lineage && book.toWire(lineage).origin;
    }
    if (!isAlike(from, origin)) return false;
    const before = this.#at;
    const id = idOf(message);
    this.#alikeId(id, madeAfter(id, head.id));
    if (cause !== null) this.#id(cause);
    if (from !== undefined) this.#number(from.id);
    if (!this.#fieldsAlike(message, names)) {
      this.#at = before;
      return false;
    }
    head.key = key;
    head.id = id;
    return true;
  }

  /** False where it has others than these, in this order. */
  #fieldsAlike(message: AnyMessage, names: readonly string[]): boolean {
    let i = 0;
    for (const name in message) {
      if (name !== names[i++]) return false;
      this.#value((message as unknown as Record<string, unknown>)[name]);
    }
    return i === names.length;
  }

  #alikeId(id: MessageId, later: number | undefined): void {
    if (later === 1) {
      this.#tag(ALIKE.next);
    } else if (later !== undefined && later < 2 ** 31) {
      this.#tag(ALIKE.later);
      this.#count(later);
    } else {
      this.#tag(ALIKE.other);
      this.#id(id);
    }
  }

  #said(value: unknown): void {
    if (typeof value === "string") this.#name(value);
    else if (typeof value !== "object" || value === null) this.#value(value);
    else if (value instanceof WireMessage) this.#message(value);
    else if (holdsMessage(value)) this.#fields(value);
    else this.#packed(value);
  }

  #message(message: WireMessage): void {
    const { id, cause, priority, left, lineage, trace, body } = message;
    const { flat, bytes, buffers } = body;
    let flags = 0;
    if (cause !== null) flags |= FLAG.cause;
    if (left !== Number.POSITIVE_INFINITY) flags |= FLAG.left;
    if (trace !== undefined) flags |= FLAG.trace;
    if (flat !== undefined) flags |= FLAG.flat;
    if (bytes !== undefined) flags |= FLAG.bytes;
    if (buffers !== undefined) flags |= FLAG.rare;
    if (lineage?.asker !== undefined) flags |= FLAG.asker;
    if (lineage?.origin !== undefined) flags |= FLAG.origin;
    this.#tag(TAG.message);
    this.#tag(flags);
    this.#name(message.type);
    this.#id(id);
    if (cause !== null) this.#id(cause);
    this.#value(priority);
    if (flags & FLAG.left) this.#value(left);
    if (trace !== undefined) this.#text(trace);
    if (flat !== undefined) this.#fields(flat);
    if (bytes !== undefined) this.#binary(bytes);
    if (flags & FLAG.rare) this.#packed({ buffers });
    if (lineage !== undefined) this.#lineage(lineage);
  }

  #lineage({ asker, origin }: WireLineage): void {
    if (asker !== undefined) {
      this.#number(asker.id);
      this.#tag(asker.isYours ? TAG.true : TAG.false);
      this.#name(asker.asked);
      this.#name(asker.name);
    }
    if (origin !== undefined) {
      this.#number(origin.id);
      this.#tag(origin.isYours ? TAG.true : TAG.false);
      this.#name(origin.flow);
      this.#tag(origin.isCancelled ? TAG.true : TAG.false);
    }
  }

  #fields(fields: object): void {
    const names = Object.keys(fields);
    this.#tag(TAG.holder);
    this.#count(names.length);
    for (const name of names) {
      const value = (fields as Record<string, unknown>)[name];
      this.#name(name);
      if (typeof value === "object" && value !== null) this.#said(value);
      else this.#value(value);
    }
  }

  /** Anything but an object. */
  #value(value: unknown): void {
    if (typeof value === "number") this.#number(value);
    else if (typeof value === "string") this.#text(value);
    else if (value === undefined) this.#tag(TAG.undefined);
    else if (value === null) this.#tag(TAG.null);
    else if (typeof value === "boolean") this.#tag(value ? TAG.true : TAG.false);
    else this.#packed(value);
  }

  #number(value: number): void {
    if ((value | 0) === value && value >= 0 && !Object.is(value, -0)) {
      this.#tag(TAG.count);
      this.#count(value);
      return;
    }
    this.#tag(TAG.double);
    this.#room(8);
    this.#at = this.#bytes.writeDoubleLE(value, this.#at);
  }

  #packed(value: unknown): void {
    this.#tag(TAG.packed);
    this.#binary(packValue(value));
  }

  #id(id: MessageId): void {
    // one that somebody made up stays as it is, to the letter
    if (typeof id === "string" && !CANONICAL.test(id)) {
      this.#text(id);
      return;
    }
    writeMessageId(id, words);
    this.#tag(TAG.id);
    this.#room(16);
    for (let i = 0; i < 4; i++) this.#at = this.#bytes.writeInt32LE(words[i] as number, this.#at);
  }

  #name(name: string): void {
    const known = this.#names.get(name);
    if (known === undefined) {
      this.#names.set(name, this.#names.size);
      this.#tag(TAG.newName);
      this.#text(name);
    } else {
      this.#tag(TAG.name);
      this.#count(known);
    }
  }

  #text(text: string): void {
    const { length } = text;
    this.#room(1 + 5 + 2 * length);
    const before = this.#at;
    this.#tag(TAG.latin);
    this.#count(length);
    if (length <= SHORT) {
      for (let i = 0; i < length; i++) {
        const code = text.charCodeAt(i);
        if (code > 0xff) {
          this.#wide(text, before);
          return;
        }
        this.#bytes[this.#at++] = code;
      }
    } else if (LATIN.test(text)) {
      this.#at += this.#bytes.write(text, this.#at, "latin1");
    } else {
      this.#wide(text, before);
    }
  }

  /** By code units, so that half a pair of them stays what it is. */
  #wide(text: string, at: number): void {
    this.#at = at;
    this.#tag(TAG.wide);
    this.#count(text.length);
    this.#at += this.#bytes.write(text, this.#at, "utf16le");
  }

  #binary(bytes: Uint8Array): void {
    this.#count(bytes.length);
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #tag(tag: number): void {
    if (this.#at === this.#bytes.length) this.#room(1);
    this.#bytes[this.#at++] = tag;
  }

  /** Seven bits a byte, lowest first. */
  #count(count: number): void {
    this.#room(5);
    let rest = count;
    for (; rest > 0x7f; rest >>>= 7) this.#bytes[this.#at++] = (rest & 0x7f) | 0x80;
    this.#bytes[this.#at++] = rest;
  }

  #room(more: number): void {
    const wanted = this.#at + more;
    if (wanted <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(wanted, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}

/** But for their numbers. */
function isAlike(one: OriginRef | undefined, other: OriginRef | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.isYours === other.isYours && one.flow === other.flow && one.isCancelled === other.isCancelled;
}

/** Anything else is packed whole: what stands in it twice is one thing. */
function holdsMessage(value: object): boolean {
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  for (const name in value) if ((value as Record<string, unknown>)[name] instanceof WireMessage) return true;
  return false;
}
