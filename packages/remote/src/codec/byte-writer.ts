const FIRST = 1024;
/** Longest text that is written letter by letter. */
const SHORT = 64;
const encoder = new TextEncoder();

/** Bytes that grow, little-endian, in private memory. It is used again and again. */
export class ByteWriter {
  bytes = new Uint8Array(FIRST);
  view = new DataView(this.bytes.buffer);
  words = new Int32Array(this.bytes.buffer);
  size = 0;

  reset(): void {
    this.size = 0;
  }

  /** Lets go of the memory that something long took. */
  trim(most: number): void {
    if (this.bytes.length > most) this.#use(new Uint8Array(FIRST));
  }

  /** Makes room for `more` bytes. */
  reserve(more: number): void {
    if (this.size + more > this.bytes.length) this.#grow(more);
  }

  #grow(more: number): void {
    const bytes = new Uint8Array(Math.max(this.bytes.length * 2, (this.size + more + 7) & ~7));
    bytes.set(this.bytes.subarray(0, this.size));
    this.#use(bytes);
  }

  #use(bytes: Uint8Array<ArrayBuffer>): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
    this.words = new Int32Array(bytes.buffer);
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.size++] = value;
  }

  word(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.size, value, true);
    this.size += 4;
  }

  float(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.size, value, true);
    this.size += 8;
  }

  raw(value: Uint8Array): void {
    this.word(value.length);
    this.reserve(value.length);
    this.bytes.set(value, this.size);
    this.size += value.length;
  }

  /** Writes a short text of Latin letters behind its length, a byte. False when it is neither: then nothing is written. */
  latin(text: string): boolean {
    const { length } = text;
    if (length > SHORT) return false;
    this.reserve(length + 1);
    const { bytes } = this;
    let at = this.size + 1;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) return false;
      bytes[at++] = unit;
    }
    bytes[this.size] = length;
    this.size = at;
    return true;
  }

  /** Any well-formed text, behind its length in bytes. */
  text(text: string): void {
    this.reserve(4 + text.length * 3);
    const { written } = encoder.encodeInto(text, this.bytes.subarray(this.size + 4));
    this.view.setUint32(this.size, written, true);
    this.size += 4 + written;
  }

  /** Text of any kind, by its units of 16 bits. */
  units(text: string): void {
    this.word(text.length);
    this.reserve(text.length * 2);
    for (let i = 0; i < text.length; i++, this.size += 2) this.view.setUint16(this.size, text.charCodeAt(i), true);
  }
}
