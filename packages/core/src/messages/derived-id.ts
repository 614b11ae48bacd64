import { uuidText } from "./uuid-text.js";

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
