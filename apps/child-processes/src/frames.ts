import { ENCODING, packValue, unpackValue } from "@ringline/remote";

const HEADER = 5;

/** A value behind the version of its encoding, and its length. */
export function frameOf(value: unknown): Buffer {
  const body = packValue(value);
  const frame = Buffer.allocUnsafe(HEADER + body.length);
  frame[0] = ENCODING;
  frame.writeUInt32LE(body.length, 1);
  frame.set(body, HEADER);
  return frame;
}

/** Puts frames together again from whatever pieces they come in. */
export class FrameReader {
  #pieces: Buffer[] = [];
  #size = 0;

  add(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#size += piece.length;
  }

  /** Undefined while the next one is not complete. Throws for one of another release. */
  next(): { readonly value: unknown } | undefined {
    if (this.#size < HEADER) return undefined;
    const head = this.#peek(HEADER);
    if (head[0] !== ENCODING)
      throw new Error(`its values are in encoding ${head[0]}, and this release knows ${ENCODING}`);
    const length = head.readUInt32LE(1);
    if (this.#size < HEADER + length) return undefined;
    const all = this.#peek(HEADER + length);
    const frame = all.subarray(HEADER, HEADER + length);
    this.#pieces = all.length > frame.length + HEADER ? [all.subarray(HEADER + length)] : [];
    this.#size -= HEADER + length;
    return { value: unpackValue(frame) };
  }

  /** At least so many bytes, in one piece; with all the rest where they are not. */
  #peek(size: number): Buffer {
    const [first] = this.#pieces;
    if (first !== undefined && first.length >= size && this.#pieces.length === 1) return first;
    const all = Buffer.concat(this.#pieces);
    this.#pieces = [all];
    return all;
  }
}
