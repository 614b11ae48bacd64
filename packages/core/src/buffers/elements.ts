import { errors } from "../errors/ringline-error.js";

/** Element type of a buffer, and the array that users see over its memory. */
export interface Elements<out Many> {
  /** Name that identifies the type in other places. */
  readonly name: string;
  /** Bytes of one element. */
  readonly stride: number;
  over(memory: ArrayBufferLike, byteOffset: number, length: number): Many;
  /** Copies values to element `offset` of the array. Undefined if the array is a typed array. */
  fill?(memory: ArrayBufferLike, byteOffset: number, values: ArrayLike<unknown>, offset: number): void;
}

/** An element type as users give it, such as the field of a layout. */
export interface ElementsOf<out Many> {
  readonly "~elements": Elements<Many>;
}

/** A typed array of numbers, as buffers and layouts hold them. */
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

/** The same array type over memory of any kind, as the memory of buffers may be shared. */
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

/** Registers an element type by its name, so that buffers of it can be received from other places. */
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

/** Throws `INVALID_ARGUMENT` unless `data` is an array of numbers, or, for values of a layout, an array. */
export function checkValues(data: unknown, elements: Elements<unknown>, argument: string): void {
  const isLayout = elements.fill !== undefined;
  if (Array.isArray(data)) {
    if (isLayout) return;
    const wrong = data.findIndex((value) => typeof value !== "number"); // `findIndex` visits holes of the list, too
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
