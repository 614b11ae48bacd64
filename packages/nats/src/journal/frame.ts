import { packRecords, unpackRecords } from "@ringline/remote";

/** First byte of a frame: the format of its records. Later formats are rejected. */
export const FORMAT = 4;
/** The first format that is read. */
const OLDEST = 3;
/** Bits of the second byte: whether a frame is the first or the last of records written together. */
const FIRST = 1;
const LAST = 2;

/** Encodes records as frames: one, or several if they exceed the server's limit. */
export function framesOf(records: readonly (readonly unknown[])[], most: number): Uint8Array[] {
  const bytes = packRecords(records);
  const size = most - 2;
  const count = Math.max(1, Math.ceil(bytes.length / size));
  return Array.from({ length: count }, (_, i) => {
    const part = bytes.subarray(i * size, (i + 1) * size);
    const frame = new Uint8Array(part.length + 2);
    frame[0] = FORMAT;
    frame[1] = (i === 0 ? FIRST : 0) | (i === count - 1 ? LAST : 0);
    frame.set(part, 2);
    return frame;
  });
}

/** Reassembles records from frames. An incomplete sequence of frames is skipped. */
export class FrameReader {
  readonly #parts: Uint8Array[] = [];

  /** Records that this frame completes; undefined if more frames follow. Throws for other formats. */
  read(frame: Uint8Array): readonly unknown[] | undefined {
    const [format, bits = 0] = frame;
    if (format === undefined || format < OLDEST || format > FORMAT)
      throw new Error(`it is kept in format ${format}, and this release knows ${FORMAT}`);
    if (bits & FIRST) this.#parts.length = 0;
    this.#parts.push(frame.subarray(2));
    if (!(bits & LAST)) return undefined;
    return unpackRecords(Buffer.concat(this.#parts.splice(0)));
  }
}
