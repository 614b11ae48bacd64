import type { ByteReader } from "./byte-reader.js";
import type { ByteWriter } from "./byte-writer.js";
import type { ContainerTag } from "./tags.js";

/** View of the value writer for the encodings of containers. */
export interface NestedWriter {
  readonly out: ByteWriter;
  /** True if values that cannot be sent are described in words. */
  readonly isInWords: boolean;
  /** Records the key of the next value, for `path`, and returns it. */
  at<K>(key: K): K;
  /** Writes the value at `key`. Throws if it cannot be sent. */
  child(holder: object, key: string | number): void;
  /** Writes that many elements of a list in order. */
  items(list: readonly unknown[], length: number): void;
  /** Writes a container: in place, or empty with its contents after the value if nested too deep. */
  nest(tag: ContainerTag, value: object): void;
  /** Writes a container by `write`; parts that cannot be sent or are nested too deep are described in words. */
  inWords(write: () => void): void;
}

/** View of the value reader for the decodings of containers. */
export interface NestedReader {
  readonly source: ByteReader;
  read(): unknown;
  /** Defines an own field of the object, whatever its name. */
  define(object: object, name: string, value: unknown): void;
  /** Numbers an object, with the number that was reserved for it. */
  keep<T>(object: T, place?: number): T;
  reserve(): number;
}
