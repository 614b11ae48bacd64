import type { ByteReader } from "./byte-reader.js";
import type { ByteWriter } from "./byte-writer.js";
import type { ContainerTag } from "./tags.js";

/** The writer of a value, as those see it who write what one kind of container holds. */
export interface NestedWriter {
  readonly out: ByteWriter;
  /** True if values that cannot be sent are described in words. */
  readonly isInWords: boolean;
  /** The next value is the one of this key. */
  at(key: unknown): void;
  /** Writes what stands at `key`. Throws what cannot travel. */
  child(holder: object, key: string | number): void;
  /** Writes the elements of a list, one behind the other. */
  items(list: readonly unknown[]): void;
  /** Writes a container: here, or empty where it is deep within others. */
  nest(tag: ContainerTag, value: object): void;
  /** Writes a container by `write`, described in words if it cannot be sent, or is too deep. */
  inWords(write: () => void): void;
}

/** The reader of a value, as those see it who read what one kind of container holds. */
export interface NestedReader {
  readonly source: ByteReader;
  read(): unknown;
  /** Defines an own field of the object, whatever its name. */
  define(object: object, name: string, value: unknown): void;
  /** Numbers an object, in the place that was reserved for it. */
  keep<T>(object: T, place?: number): T;
  reserve(): number;
}
