const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Four digits, of the lowest 16 bits. */
const half = (word: number) => `${HEX[(word >>> 8) & 0xff]}${HEX[word & 0xff]}`;

/** The text of a UUID in four words of 32 bits, highest first. */
export function uuidText(a: number, b: number, c: number, d: number): string {
  const [first, last] = [half(a >>> 16) + half(a), half(c) + half(d >>> 16) + half(d)];
  return `${first}-${half(b >>> 16)}-${half(b)}-${half(c >>> 16)}-${last}`;
}
