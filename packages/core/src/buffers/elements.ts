import { errors } from "../errors/ringline-error.js";

/** The element type of a buffer, and the array that users see over its memory. */
export interface Elements<out Many> {
  /** By which other places know it. */
  readonly name: string;
  /** Bytes of one element. */
  readonly stride: number;
  over(memory: ArrayBufferLike, byteOffset: number, length: number): Many;
  /** Copies values to where element `offset` of `many` is. Left out: `many` is a typed array. */
  fill?(memory: ArrayBufferLike, byteOffset: number, values: ArrayLike<unknown>, offset: number): void;
}

/** Anything that says what a buffer is made of: the field of a layout. */
export interface ElementsOf<out Many> {
  readonly "~elements": Elements<Many>;
}

export type NumberArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** The same array over memory of any kind: that of buffers may be shared. */
export type AnyMemory<Many extends NumberArray> = Many extends Float32Array
  ? Float32Array
  : Many extends Float64Array
    ? Float64Array
    : Many extends Int32Array
      ? Int32Array
      : Many extends Uint32Array
        ? Uint32Array
        : Many extends Int16Array
          ? Int16Array
          : Many extends Uint16Array
            ? Uint16Array
            : Many extends Int8Array
              ? Int8Array
              : Many extends Uint8ClampedArray
                ? Uint8ClampedArray
                : Uint8Array;

/** The constructor of a typed array of numbers. */
export interface NumberArrayType<out Many extends NumberArray> {
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
  new (memory: ArrayBufferLike, byteOffset: number, length: number): Many;
}

const known = new Map<string, Elements<unknown>>();

/** Makes elements known by their name, so that buffers of them can come from elsewhere. */
export function registerElements(elements: Elements<unknown>): void {
  known.set(elements.name, elements);
}

export function elementsNamed(name: string): Elements<unknown> | undefined {
  return known.get(name);
}

const TYPES = [
  ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array],
  ...[Int32Array, Uint32Array, Float32Array, Float64Array],
] as readonly NumberArrayType<NumberArray>[];

for (const type of TYPES) {
  const { name, BYTES_PER_ELEMENT: stride } = type;
  registerElements({ name, stride, over: (memory, offset, length) => new type(memory, offset, length) });
}

const isView = (data: unknown) => ArrayBuffer.isView(data) && !(data instanceof DataView);

/** Throws `INVALID_ARGUMENT` for what is no array of numbers; of values of a layout, for what is no array. */
export function checkValues(data: unknown, elements: Elements<unknown>, argument: string): void {
  const isLayout = elements.fill !== undefined;
  if (Array.isArray(data)) {
    if (isLayout) return;
    const wrong = data.findIndex((value) => typeof value !== "number"); // a hole as well
    if (wrong < 0) return;
    const remedy = `Element ${wrong} is no number.`;
    throw new errors.INVALID_ARGUMENT({ argument: `${argument}.${wrong}`, value: data[wrong] }, { remedy });
  }
  if (isView(data) && typeof (data as unknown as ArrayLike<unknown>)[0] !== "bigint") return;
  const remedy = "Pass an array of numbers, or a typed array of numbers.";
  throw new errors.INVALID_ARGUMENT({ argument, value: data }, { remedy });
}

/** The elements of a typed array or of a field; undefined for anything else. */
export function elementsOf(of: unknown): Elements<unknown> | undefined {
  const own = (of as ElementsOf<unknown> | null | undefined)?.["~elements"];
  if (own !== undefined) return own;
  return TYPES.includes(of as NumberArrayType<NumberArray>) ? known.get((of as { name: string }).name) : undefined;
}
