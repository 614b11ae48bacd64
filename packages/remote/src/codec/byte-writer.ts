const FIRST = 1024;
const MOST = 2 ** 31 - 64;
/** Longest text that is written character by character. */
const SHORT = 63;
const encoder = new TextEncoder();

/** The part of a typed array of any kind that copying needs. */
export type Elements = Uint8Array<ArrayBuffer>;
export interface ElementsClass {
  readonly BYTES_PER_ELEMENT: number;
  readonly prototype: object;
  new (buffer: ArrayBufferLike, offset: number, length: number): Elements;
  new (length: number): Elements;
}

/** Growable little-endian buffer in private memory, reused for many values. */
export class ByteWriter {
  bytes = new Uint8Array(FIRST);
  view = new DataView(this.bytes.buffer);
  words = new Int32Array(this.bytes.buffer);
  size = 0;
  /** Views of the same bytes, by the class of their elements. */
  readonly #views = new Map<ElementsClass, Elements>();

  reset(): void {
    this.size = 0;
  }

  /** Releases the memory if it has more than `most` bytes. */
  trim(most: number): void {
    if (this.bytes.length > most) this.#use(new Uint8Array(FIRST));
  }

  /** Makes room for `more` bytes. */
  reserve(more: number): void {
    if (this.size + more > this.bytes.length) this.#grow(more);
  }

  #grow(more: number): void {
    const wanted = this.size + more;
    if (wanted > MOST) throw new RangeError("it takes more than 2 GiB");
    const bytes = new Uint8Array(Math.min(MOST, Math.max(this.bytes.length * 2, (wanted + 7) & ~7)));
    bytes.set(this.bytes.subarray(0, this.size));
    this.#use(bytes);
  }

  #use(bytes: Uint8Array<ArrayBuffer>): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
    this.words = new Int32Array(bytes.buffer);
    this.#views.clear();
  }

  byte(value: number): void {
    if (this.size === this.bytes.length) this.#grow(1);
    this.bytes[this.size++] = value;
  }

  word(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.size, value, true);
    this.size += 4;
  }

  /** A number from 0 to 2^32 - 1, small ones in few bytes: seven bits a byte, lowest first. */
  count(value: number): void {
    this.reserve(5);
    if (value <= 0x7f) {
      this.bytes[this.size++] = value;
      return;
    }
    let rest = value;
    for (; rest > 0x7f; rest >>>= 7) this.bytes[this.size++] = (rest & 0x7f) | 0x80;
    this.bytes[this.size++] = rest;
  }

  float(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.size, value, true);
    this.size += 8;
  }

  bigint(value: bigint): void {
    this.reserve(8);
    this.view.setBigInt64(this.size, value, true);
    this.size += 8;
  }

  /** Writes a byte count, then the bytes. */
  raw(value: Uint8Array): void {
    const { length } = value;
    this.reserve(5 + length);
    if (length > 0x7f) this.count(length);
    else this.bytes[this.size++] = length;
    this.bytes.set(value, this.size);
    this.size += length;
  }

  /** Writes the bytes alone, without a count. */
  rest(value: Uint8Array): void {
    const { length } = value;
    this.reserve(length);
    this.bytes.set(value, this.size);
    this.size += length;
  }

  /**
   * Writes the elements of a typed array, aligned, after one byte with the number of padding bytes. Does not read
   * `array.buffer`, which engines create for short arrays only on access.
   */
  elements(array: Elements, type: ElementsClass): void {
    const { length, byteLength, BYTES_PER_ELEMENT: each } = array;
    const skipped = -(this.size + 1) & (each - 1);
    this.reserve(1 + skipped + byteLength);
    this.bytes[this.size] = skipped;
    this.size += 1 + skipped;
    if (length > 0) this.#viewOf(type).set(array, this.size / each);
    this.size += byteLength;
  }

  #viewOf(type: ElementsClass): Elements {
    let view = this.#views.get(type);
    if (view === undefined) {
      const { buffer } = this.bytes;
      view = new type(buffer, 0, Math.floor(buffer.byteLength / type.BYTES_PER_ELEMENT));
      this.#views.set(type, view);
    }
    return view;
  }

  /**
   * Writes a short ASCII text after `tag` plus its length. False, without an effect, for a text that is long or not
   * ASCII.
   */
  ascii(text: string, tag: number): boolean {
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
    bytes[this.size] = tag + length;
    this.size = at;
    return true;
  }

  /** Writes a well-formed text, after its length in bytes. */
  text(text: string): void {
    this.reserve(4 + text.length * 3);
    const { written } = encoder.encodeInto(text, this.bytes.subarray(this.size + 4));
    this.view.setUint32(this.size, written, true);
    this.size += 4 + written;
  }

  /** Writes any text as 16-bit code units. */
  units(text: string): void {
    this.count(text.length);
    this.reserve(text.length * 2);
    for (let i = 0; i < text.length; i++, this.size += 2) this.view.setUint16(this.size, text.charCodeAt(i), true);
  }
}
