const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** Number of short texts that are cached: names that recur are not decoded again. */
const KNOWN = 256;
const known = new Array<string>(KNOWN).fill("");
const nothing = new Uint8Array(0);
const nowhere = new DataView(nothing.buffer);

/** Error for bytes that are not a valid frame or value. */
export class CorruptFrame extends Error {}

/** Reads the output of a `ByteWriter`, also in shared memory. Throws `CorruptFrame` when a read passes the end. */
export class ByteReader {
  bytes: Uint8Array = nothing;
  view: DataView = nowhere;
  /** Memory that `open` was given last; the next frame is mostly in the same memory. */
  #given: Uint8Array = nothing;
  #end = 0;
  at = 0;

  open(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    if (bytes !== this.#given) {
      this.#given = bytes;
      // `slice` of a Node Buffer returns a view, not a copy
      this.bytes =
        bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.view = view;
    this.at = start;
    this.#end = end;
  }

  /** Releases the bytes. */
  close(): void {
    this.open(nothing, nowhere, 0, 0);
  }

  /** Number of unread bytes. */
  get left(): number {
    return this.#end - this.at;
  }

  /** Consumes `size` bytes and returns their offset. */
  take(size: number): number {
    const at = this.at;
    if (size > this.#end - at) throw new CorruptFrame(`a frame ends ${size - (this.#end - at)} bytes too early`);
    this.at = at + size;
    return at;
  }

  /** The next byte, without reading it; -1 at the end. */
  get next(): number {
    return this.at < this.#end ? (this.bytes[this.at] as number) : -1;
  }

  byte(): number {
    if (this.at >= this.#end) this.take(1);
    return this.bytes[this.at++] as number;
  }
  word(): number {
    return this.view.getUint32(this.take(4), true);
  }
  int(): number {
    return this.view.getInt32(this.take(4), true);
  }
  float(): number {
    return this.view.getFloat64(this.take(8), true);
  }
  bigint(): bigint {
    return this.view.getBigInt64(this.take(8), true);
  }

  count(): number {
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let unit = 2 ** 7; unit < 2 ** 35; unit *= 2 ** 7) {
      byte = this.byte();
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
    }
    throw new CorruptFrame("a number has too many bytes");
  }

  /** Number of items that follow, each of at least `size` bytes. */
  countOf(size: number): number {
    const count = this.count();
    if (count * size > this.left) throw new CorruptFrame(`${count} things do not fit into ${this.left} bytes`);
    return count;
  }

  /** Copies counted bytes to private memory. */
  raw(): Uint8Array<ArrayBuffer> {
    return this.bytesOf(this.count());
  }

  bytesOf(size: number): Uint8Array<ArrayBuffer> {
    const at = this.take(size);
    return this.bytes.slice(at, at + size) as Uint8Array<ArrayBuffer>;
  }

  ascii(size: number): string {
    const start = this.take(size);
    const { bytes } = this;
    let mix = size;
    for (let i = 0; i < size; i++) mix = (Math.imul(mix, 31) + bytes[start + i]!) | 0;
    const slot = mix & (KNOWN - 1);
    const candidate = known[slot]!;
    if (candidate.length === size && isAt(candidate, bytes, start)) return candidate;
    let text = "";
    let at = start;
    for (const end = start + (size & ~7); at < end; at += 8) text += charsOf(bytes, at, 8);
    if (at < start + size) text += charsOf(bytes, at, size & 7);
    known[slot] = text;
    return text;
  }

  text(): string {
    const size = this.word();
    const at = this.take(size);
    try {
      return decoder.decode(this.bytes.slice(at, at + size));
    } catch (cause) {
      throw new CorruptFrame("a text is no UTF-8", { cause });
    }
  }

  units(): string {
    const count = this.count();
    const at = this.take(count * 2);
    let text = "";
    for (let i = 0; i < count; i++) text += String.fromCharCode(this.view.getUint16(at + 2 * i, true));
    return text;
  }
}

/** One to eight characters by one call: each call creates a string, and so does each concatenation. */
// biome-ignore format: a line each
function charsOf(bytes: Uint8Array, at: number, count: number): string {
  const of = String.fromCharCode;
  const [a, b, c, d] = [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!];
  switch (count) {
    case 1: return of(a);
    case 2: return of(a, b);
    case 3: return of(a, b, c);
    case 4: return of(a, b, c, d);
    case 5: return of(a, b, c, d, bytes[at + 4]!);
    case 6: return of(a, b, c, d, bytes[at + 4]!, bytes[at + 5]!);
    case 7: return of(a, b, c, d, bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!);
    default: return of(a, b, c, d, bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!, bytes[at + 7]!);
  }
}

function isAt(text: string, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}
