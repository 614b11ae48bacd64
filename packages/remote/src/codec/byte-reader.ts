const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** How many short texts are kept: names that come again and again are not made anew. */
const KNOWN = 256;
const known = new Array<string>(KNOWN).fill("");

/** Bytes are not what they should be. */
export class CorruptFrame extends Error {}

/** Reads what a `ByteWriter` wrote, also in shared memory. Throws `CorruptFrame` beyond its end. */
export class ByteReader {
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#bytes.buffer);
  #end = 0;
  at = 0;

  open(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    this.#bytes = bytes;
    this.#view = view;
    this.at = start;
    this.#end = end;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#end - this.at;
  }

  #take(size: number): number {
    const at = this.at;
    if (size > this.#end - at) throw new CorruptFrame(`a frame ends ${size - (this.#end - at)} bytes too early`);
    this.at = at + size;
    return at;
  }

  /** The next byte, which stays; -1 at the end. */
  get next(): number {
    return this.at < this.#end ? (this.#bytes[this.at] as number) : -1;
  }

  byte(): number {
    return this.#bytes[this.#take(1)] as number;
  }
  word(): number {
    return this.#view.getUint32(this.#take(4), true);
  }
  /** Words in a row are read from here on, `count` of them. */
  words(count: number): number {
    return this.#take(4 * count);
  }
  intAt(at: number): number {
    return this.#view.getInt32(at, true);
  }

  int(): number {
    return this.#view.getInt32(this.#take(4), true);
  }
  float(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }
  bigint(): bigint {
    return this.#view.getBigInt64(this.#take(8), true);
  }

  /** A copy in private memory. */
  raw(): Uint8Array {
    const size = this.word();
    const at = this.#take(size);
    return this.#bytes.slice(at, at + size);
  }

  latin(): string {
    const size = this.byte();
    const start = this.#take(size);
    const bytes = this.#bytes;
    let mix = size;
    for (let i = 0; i < size; i++) mix = (Math.imul(mix, 31) + bytes[start + i]!) | 0;
    const slot = mix & (KNOWN - 1);
    const candidate = known[slot]!;
    if (candidate.length === size && isAt(candidate, bytes, start)) return candidate;
    let text = "";
    for (let i = 0; i < size; i++) text += String.fromCharCode(bytes[start + i]!);
    known[slot] = text;
    return text;
  }

  text(): string {
    try {
      return decoder.decode(this.raw());
    } catch (cause) {
      throw cause instanceof CorruptFrame ? cause : new CorruptFrame("a text is no UTF-8", { cause });
    }
  }

  units(): string {
    const count = this.word();
    const at = this.#take(count * 2);
    let text = "";
    for (let i = 0; i < count; i++) text += String.fromCharCode(this.#view.getUint16(at + 2 * i, true));
    return text;
  }
}

function isAt(text: string, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}
