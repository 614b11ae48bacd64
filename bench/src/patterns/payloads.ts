import {
  array,
  body,
  buffer,
  defineMessage,
  f32,
  type MessageOf,
  struct,
  type UnifiedBuffer,
  u32,
  unifiedBuffer,
} from "@ringline/core";

/** 64 bytes of a fixed layout. */
export const Small = defineMessage("Small", struct({ n: u32, slot: u32, values: array(f32, 14) }));

/** An object as services send them, about 1 KB as JSON. */
export const Medium = defineMessage(
  "Medium",
  body<{
    n: number;
    name: string;
    note: string;
    tags: readonly string[];
    readings: readonly number[];
    labels: Readonly<Record<string, string>>;
  }>(),
);

/** A large array of numbers. */
export const Large = defineMessage("Large", struct({ n: u32, values: buffer(f32) }));

export type Piece = MessageOf<typeof Small> | MessageOf<typeof Medium> | MessageOf<typeof Large>;

export const PAYLOADS = ["64B", "1KB", "64KB", "4MB"] as const;
export type Payload = (typeof PAYLOADS)[number];

/** Most messages in a flow at once: large ones would fill the memory before they fill the queues. */
export const IN_FLIGHT: Readonly<Partial<Record<Payload, number>>> = { "64KB": 64, "4MB": 8 };

const small = Float32Array.from({ length: 14 }, (_, i) => i / 14);
/** Words in an order of their own, to cut notes from. */
const text = Array.from({ length: 4000 }, (_, i) => ((i * 2654435761) >>> 0).toString(36)).join(" ");
const readings = Array.from({ length: 4096 + 40 }, (_, i) => 1000 + ((i * 7919) % 4096) / 8);

/** Neither texts nor the names of labels repeat from message to message, as what remembers them would be too fast. */
function medium(n: number) {
  const from = (n * 37) % (text.length - 400);
  return {
    n,
    name: `a reading of station ${n}`,
    note: text.slice(from, from + 400),
    tags: Array.from({ length: 10 }, (_, i) => `tag ${n + i}`),
    readings: readings.slice(n % 4096, (n % 4096) + 40),
    labels: { [`from-${n}`]: "here", [`to-${n}`]: "there" },
  };
}

const arrays = new Map<number, Float32Array>();

function large(elements: number): Float32Array {
  let values = arrays.get(elements);
  if (values === undefined) {
    values = Float32Array.from({ length: elements }, (_, i) => (i % 1000) / 1000);
    arrays.set(elements, values);
  }
  return values;
}

/** Message `n`; a large one is filled anew, as a program that reads data would. */
export function pieceOf(payload: Payload, n: number): Piece {
  if (payload === "64B") return Small({ n, slot: n % 7, values: small });
  if (payload === "1KB") return Medium(medium(n));
  return Large({ n, values: unifiedBuffer(f32, large(payload === "64KB" ? 16_384 : 1_048_576)) });
}

/** Gives the memory of a large message back. */
export function release(piece: object): void {
  if ("values" in piece && isBuffer(piece.values)) piece.values.release();
}

function isBuffer(values: unknown): values is UnifiedBuffer<Float32Array> {
  return typeof (values as { release?: unknown } | null)?.release === "function";
}
