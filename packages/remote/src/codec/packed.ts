import { errors } from "@ringline/core";
import type { ErrorPlace } from "@ringline/core/internal";
import { CorruptFrame } from "./byte-reader.js";
import { ValueReader } from "./value-reader.js";
import { ValueWriter } from "./value-writer.js";

/** An encoded standalone value: the state of a kernel, or a thrown value. */
export type PackedValue = Uint8Array<ArrayBuffer>;

/** Version of the encoding of values and messages. Frames between programs carry it; other versions are refused. */
export const ENCODING = 1;
/** Maximum size in bytes of the kept write buffer. */
const SCRATCH = 1024 * 1024;
let writer: ValueWriter | undefined;
let reader: ValueReader | undefined;

function pack(write: (writer: ValueWriter) => void, place?: ErrorPlace): PackedValue {
  writer ??= new ValueWriter();
  const { out } = writer;
  out.reset();
  try {
    write(writer);
    writer.end();
    return out.bytes.slice(0, out.size);
  } catch (cause) {
    const { path } = writer;
    writer.end(false);
    throw new errors.SERIALIZATION({ path }, { cause, ...place });
  } finally {
    out.trim(SCRATCH);
  }
}

/** Encodes a value. Throws `SERIALIZATION` with the path of the part that cannot be sent. */
export function packValue(value: unknown, place?: ErrorPlace): PackedValue {
  return pack((writer) => writer.write(value), place);
}

/** Decodes a value. Throws `CorruptFrame`. */
export function unpackValue(bytes: Uint8Array): unknown {
  reader ??= new ValueReader();
  const { source } = reader;
  source.open(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, bytes.length);
  try {
    const value = reader.read();
    reader.end();
    if (source.left > 0) throw new CorruptFrame(`${source.left} bytes follow a value`);
    return value;
  } catch (cause) {
    reader.end(false);
    throw cause instanceof CorruptFrame ? cause : new CorruptFrame("bytes that are no value", { cause });
  } finally {
    source.close();
  }
}

/** Copies a value through the codec. Throws `SERIALIZATION` with the path of the part that cannot be sent. */
export function copyValue(value: unknown, place?: ErrorPlace): unknown {
  return value === undefined ? undefined : unpackValue(packValue(value, place));
}

/** Encodes the state of a kernel; undefined for none. Throws `SERIALIZATION`. */
export function packState(state: unknown): PackedValue | undefined {
  return state === undefined ? undefined : packValue(state);
}

export function unpackState(packed: Uint8Array | undefined): unknown {
  return packed && unpackValue(packed);
}

/** Encodes a thrown value; parts that cannot be sent are described in words. */
export function packThrown(thrown: unknown): PackedValue {
  return pack((writer) => writer.inWords(() => writer.child([thrown], 0)));
}
