import { DefaultDeserializer, DefaultSerializer, deserialize, serialize } from "node:v8";

/** Bytes that a value takes at least, about: nobody counts them before they are taken. */
const VALUE = 48;

/**
 * Packs values as structured clones, many into the same bytes: a serializer costs more than most values do. What stands in
 * several of them is there once, as it was first; so what may change in between is packed alone.
 */
export class Packer {
  #serializer: DefaultSerializer | undefined;
  #values: unknown[] = [];
  #size = 0;

  /** Bytes, about; 0 where there is nothing. */
  get size(): number {
    return this.#size;
  }

  /** A value that nobody changes until it is taken. Throws what cannot be cloned: then nothing was added. */
  add(value: readonly unknown[] | Uint8Array): void {
    this.#serializer ??= begun();
    try {
      this.#serializer.writeValue(value);
    } catch (error) {
      // it holds half of the value: what was there before is packed anew
      this.#serializer = begun();
      for (const one of this.#values) this.#serializer.writeValue(one);
      throw error;
    }
    this.#values.push(value);
    this.#size += VALUE + weightOf(value);
  }

  /** The same for any value. */
  addAlone(value: readonly unknown[]): void {
    this.add(serialize(value));
  }

  take(): Uint8Array {
    const serializer = this.#serializer ?? begun();
    serializer.writeValue(END);
    const bytes = serializer.releaseBuffer();
    this.#serializer = undefined;
    this.#values = [];
    this.#size = 0;
    return bytes;
  }
}

/** What stands behind the last value. */
const END = 0;

function begun(): DefaultSerializer {
  const serializer = new DefaultSerializer();
  serializer.writeHeader();
  return serializer;
}

/** Bytes of the arrays in a value, and in what it holds. */
function weightOf(value: unknown, depth = 3): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 0;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (depth === 0) return 0;
  let weight = 0;
  for (const one of Object.values(value)) weight += weightOf(one, depth - 1);
  return weight;
}

/** The values that were packed. */
export function unpacked(bytes: Uint8Array): unknown[] {
  const deserializer = new DefaultDeserializer(bytes);
  deserializer.readHeader();
  const values: unknown[] = [];
  for (let value = deserializer.readValue(); value !== END; value = deserializer.readValue()) {
    values.push(value instanceof Uint8Array ? deserialize(value) : value);
  }
  return values;
}
