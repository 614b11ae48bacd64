import { packValue, unpackValue } from "@ringline/remote";

/** The first byte of what a journal writes: what records look like. Others are refused. */
export const FORMAT = 3;
/** Bits of the second byte: whether a frame begins and ends what was written together. */
const FIRST = 1;
const LAST = 2;

/** Records as they are kept: in one piece, or in several where they are larger than a server takes. */
export function framesOf(records: readonly unknown[], most: number): Uint8Array[] {
  const bytes = packValue(records);
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

/** Puts frames together again. What somebody began and did not end is passed over. */
export class FrameReader {
  readonly #parts: Uint8Array[] = [];

  /** The records that are complete with this frame; undefined where others follow. Throws for what is none of ours. */
  read(frame: Uint8Array): readonly unknown[] | undefined {
    const [format, bits = 0] = frame;
    if (format !== FORMAT) throw new Error(`it is kept in format ${format}, and this release knows ${FORMAT}`);
    if (bits & FIRST) this.#parts.length = 0;
    this.#parts.push(frame.subarray(2));
    if (!(bits & LAST)) return undefined;
    const records: unknown = unpackValue(Buffer.concat(this.#parts.splice(0)));
    return Array.isArray(records) ? records : [];
  }
}
