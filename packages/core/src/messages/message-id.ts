import { v4, v5 } from "uuid";

/**
 * Id of a message: a local counter value, which becomes a UUID only when it is read; the text of a foreign UUID; a UUID
 * in wire form; or a derived id.
 */
export type MessageId = number | string | DerivedId | WireId;

/** Size of the counter field of a UUID; beyond it the time part goes up by one millisecond. */
const COUNTER_RANGE = 2 ** 32;

let count = 0;

/** Returns a new id; costs one addition. */
export function nextMessageId(): MessageId {
  return count++;
}

/**
 * UUID of an id: version 7 (RFC 9562) with the time of this place's first id, the counter in the counter field, so that
 * ids sort by creation, and the random part of this place.
 */
export function messageIdText(id: MessageId): string {
  if (typeof id === "string") return id;
  if (typeof id === "object") return id.text;
  if (id < COUNTER_RANGE) return placeId().textOf(id);
  const words = new Int32Array(4);
  writeMessageId(id, words);
  return uuidText(words[0] as number, words[1] as number, words[2] as number, words[3] as number);
}

/** Writes the same UUID as four words of 32 bits, highest first, from `out[at]` on. */
export function writeMessageId(id: MessageId, out: Int32Array, at = 0): void {
  if (typeof id === "number" && id < COUNTER_RANGE) {
    const { start0, start1, tail0, tail1 } = placeId();
    out[at] = start0;
    out[at + 1] = start1 | (id >>> 20);
    out[at + 2] = 0x80000000 | (((id >>> 6) & 0x3fff) << 16) | ((id & 0x3f) << 10) | tail0;
    out[at + 3] = tail1;
  } else if (typeof id === "number") {
    const { started, tail0, tail1 } = placeId();
    const msecs = started + Math.floor(id / COUNTER_RANGE);
    const seq = id >>> 0;
    out[at] = Math.floor(msecs / 0x10000);
    out[at + 1] = ((msecs % 0x10000) << 16) | 0x7000 | (seq >>> 20);
    out[at + 2] = 0x80000000 | (((seq >>> 6) & 0x3fff) << 16) | ((seq & 0x3f) << 10) | tail0;
    out[at + 3] = tail1;
  } else if (id instanceof WireId) {
    out[at] = id.a;
    out[at + 1] = id.b;
    out[at + 2] = id.c;
    out[at + 3] = id.d;
  } else {
    out.set(wordsOf(messageIdText(id)), at);
  }
}

/** The words of a UUID, highest first. */
function wordsOf(text: string): readonly number[] {
  const hex = text.replaceAll("-", "");
  return [0, 8, 16, 24].map((at) => Number.parseInt(hex.slice(at, at + 8), 16));
}

/** The counter value of a UUID that this place has made; undefined for another UUID. */
export function localIdOf(text: string): number | undefined {
  if (known === undefined || !text.endsWith(known.end)) return undefined;
  const [, b = 0, c = 0] = wordsOf(text);
  const id = (((b & 0xfff) << 20) | (((c >>> 16) & 0x3fff) << 6) | ((c >>> 10) & 0x3f)) >>> 0;
  return known.textOf(id) === text ? id : undefined;
}

/** Number of ids from `before` to this one; undefined if unknown, or if this one is older. */
export function idDistance(id: MessageId, before: MessageId): number | undefined {
  const isKnown = typeof id === "number" && typeof before === "number" && id > before && id < COUNTER_RANGE;
  return isKnown ? id - before : undefined;
}

/** Id that the place of this one made `by` ids later, as counted there by `idDistance`. */
export function idAtDistance({ a, b, c, d }: WireId, by: number): WireId {
  const number = (((b & 0xfff) << 20) | (((c >>> 16) & 0x3fff) << 6) | ((c >>> 10) & 0x3f)) >>> 0;
  const later = number + by;
  const counted = (((later >>> 6) & 0x3fff) << 16) | ((later & 0x3f) << 10);
  return new WireId(a, (b & ~0xfff) | (later >>> 20), (c & 0xc00003ff) | counted, d);
}

/** Namespace of ids that are derived from keys. */
const KEYS = "5e0a6f0c-1f0e-5c3b-9a53-2d0d3f1c7b1e";

/** UUID of version 5 (RFC 9562) for the `key` option of a message of this type. */
export const idOfKey = (type: string, key: string): string => v5(`${type}/${key}`, KEYS);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The UUID in lower case, as messages compare and send it; undefined for anything else. */
export function asUuid(value: unknown): string | undefined {
  return typeof value === "string" && UUID.test(value) ? value.toLowerCase() : undefined;
}

/** Index of the last twelve digits of a UUID. */
const TAIL = 24;

/** The part that all UUIDs of this place share, apart from the counter. */
class PlaceId {
  readonly random: Uint8Array;
  readonly started = Date.now();
  readonly start0 = Math.floor(this.started / 0x10000);
  readonly start1 = ((this.started % 0x10000) << 16) | 0x7000;
  readonly tail0: number;
  readonly tail1: number;
  /** The last eight digits of each of its UUIDs. */
  readonly end: string;
  readonly #tails: string[] = [];
  #block = -1;
  #head = "";

  constructor(random = randomId()) {
    this.random = random;
    const view = new DataView(random.buffer, random.byteOffset);
    this.tail0 = view.getUint16(10) & 0x3ff;
    this.tail1 = view.getUint32(12);
    this.end = uuidText(0, 0, 0, this.tail1).slice(-8);
  }

  /** Text of a counter below 2^32: 64 ids in a row share all but the last twelve digits, of which there are 64. */
  textOf(id: number): string {
    const block = id >>> 6;
    if (block !== this.#block) {
      this.#block = block;
      const [b, c] = [this.start1 | (id >>> 20), (0x80000000 | ((block & 0x3fff) << 16)) >>> 0];
      this.#head = uuidText(this.start0, b, c, 0).slice(0, TAIL);
    }
    const low = id & 0x3f;
    this.#tails[low] ??= uuidText(0, 0, (low << 10) | this.tail0, this.tail1).slice(TAIL);
    return this.#head + this.#tails[low];
  }
}

let known: PlaceId | undefined;
/** Created with the first UUID: some hosts give no random values and no time while modules are loaded. */
const placeId = (): PlaceId => (known ??= new PlaceId());

/** 16 random bytes, as a UUID of version 4. */
export const randomId = (): Uint8Array => v4(undefined, new Uint8Array(16));

/** Sets the random part of this place's ids: Node takes a millisecond to make its random numbers ready in a thread. */
export function setRandomId(random: Uint8Array): void {
  known = new PlaceId(random);
}

/** A UUID in its wire form, four words of 32 bits, highest first; converted to text when it is read. */
export class WireId {
  #text: string | undefined;
  constructor(
    readonly a: number,
    readonly b: number,
    readonly c: number,
    readonly d: number,
  ) {}

  get text(): string {
    this.#text ??= uuidText(this.a, this.b, this.c, this.d);
    return this.#text;
  }
}

/**
 * Id of an output that a retry produces again: the same input, kernel and output index give the same UUID, so that
 * receivers detect duplicates. The UUID is made when it is first read.
 */
export class DerivedId {
  readonly #input: () => string;
  readonly #kernelId: string;
  /** Index among the outputs of its input. */
  readonly index: number;
  #text: string | undefined;

  /** `index`: from 0, among the outputs that this input has caused. */
  constructor(input: () => string, kernelId: string, index: number) {
    this.#input = input;
    this.#kernelId = kernelId;
    this.index = index;
  }

  get text(): string {
    this.#text ??= uuidOf(`${this.index}/${this.#kernelId}/${this.#input()}`);
    return this.#text;
  }
}

/** UUID of version 8 (RFC 9562): the hash of the text in UTF-8, except for the version and variant bits. */
export function uuidOf(text: string): string {
  const [a, b, c, d] = fnv1a(text);
  return uuidText(a, (b & 0xffff0fff) | 0x8000, (c & 0x3fffffff) | 0x80000000, d);
}

const encoder = new TextEncoder();

/**
 * 128-bit FNV-1a in four words of 32 bits, highest first; offset and prime as in draft-eastlake-fnv. Big integers take
 * five times as long. Multiplication by the prime is multiplication by 0x13b plus a shift by 88 bits.
 */
export function fnv1a(text: string): readonly [number, number, number, number] {
  let [a, b, c, d] = [0x6295c58d, 0x62b82175, 0x07bb0142, 0x6c62272e];
  for (const byte of encoder.encode(text)) {
    a = (a ^ byte) >>> 0;
    const [low, next] = [a, b];
    let sum = a * 0x13b;
    a = sum >>> 0;
    sum = b * 0x13b + Math.floor(sum / 2 ** 32);
    b = sum >>> 0;
    sum = c * 0x13b + Math.floor(sum / 2 ** 32) + ((low << 24) >>> 0);
    c = sum >>> 0;
    sum = d * 0x13b + Math.floor(sum / 2 ** 32) + (low >>> 8) + ((next << 24) >>> 0);
    d = sum >>> 0;
  }
  return [d, c, b, a];
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Four digits, of the lowest 16 bits. */
const half = (word: number) => `${HEX[(word >>> 8) & 0xff]}${HEX[word & 0xff]}`;

/** The text of a UUID in four words of 32 bits, highest first. */
export function uuidText(a: number, b: number, c: number, d: number): string {
  const [first, last] = [half(a >>> 16) + half(a), half(c) + half(d >>> 16) + half(d)];
  return `${first}-${half(b >>> 16)}-${half(b)}-${half(c >>> 16)}-${last}`;
}
