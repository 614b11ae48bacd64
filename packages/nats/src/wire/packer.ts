import { DefaultDeserializer, DefaultSerializer, deserialize, serialize } from "node:v8";

/** Bytes that a value takes at least, about: nobody counts them before they are taken. */
const VALUE = 48;

/**
 * Packs values as structured clones, many into the same bytes: a serializer costs more than most values do. What stands in
 * several of them is there once, as it was first; so what may change in between is packed alone.
 */
export class Packer {
  #serializer: DefaultSerializer | undefined;
  #size = 0;

  /** Bytes, about; 0 where there is nothing. */
  get size(): number {
    return this.#size;
  }

  /** A value of which everything can be cloned, and that nobody changes until it is taken. */
  add(value: readonly unknown[] | Uint8Array): void {
    this.#serializer ??= begun();
    this.#serializer.writeValue(value);
    this.#size += VALUE + weightOf(value);
  }

  /** Any value. Throws what cannot be cloned: then nothing was added. */
  addAlone(value: readonly unknown[]): void {
    this.add(serialize(value));
  }

  take(): Uint8Array {
    const serializer = this.#serializer ?? begun();
    serializer.writeValue(END);
    const bytes = serializer.releaseBuffer();
    this.#serializer = undefined;
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
