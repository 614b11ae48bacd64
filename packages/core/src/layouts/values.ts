import type { Elements } from "../buffers/elements.js";
import type { SharedBuffer } from "../buffers/shared-buffer.js";
import type { SchemaIssue } from "../errors/table.js";
import type { ArrayPlan, FieldPlan, ScalarType, StructPlan } from "./field-plan.js";

/** A value that does not fit its field, with the path; thrown only inside this folder. */
export class Misfit extends Error {
  readonly path: PropertyKey[] = [];
}

/** Converts a value to the form of its field: numbers rounded to its precision, arrays of numbers as typed arrays. */
export type Fit = (value: unknown) => unknown;

const ARRAYS = { f32: Float32Array, f16: Float32Array, i32: Int32Array, u32: Uint32Array } as const;

/** Creates a typed array for numbers of this type. */
export const numbers = (scalar: ScalarType, from: number | ArrayLike<number>) =>
  typeof from === "number" ? new ARRAYS[scalar](from) : new ARRAYS[scalar](from);

export const isNumbers = (scalar: ScalarType, value: unknown): value is Float32Array | Int32Array | Uint32Array =>
  value instanceof ARRAYS[scalar];

/** Returns the conversion of a field, which throws `Misfit`. */
export function fitOf(plan: FieldPlan): Fit {
  switch (plan.kind) {
    case "scalar":
      return SCALARS[plan.scalar];
    case "vector":
      return listFit(SCALARS[plan.scalar], plan.width);
    case "array":
      return plan.of.kind === "scalar" ? numbersFit(plan.of.scalar, plan.length) : listFit(fitOf(plan.of), plan.length);
    case "struct":
      return structFit(plan);
    case "buffer":
      return bufferFit(plan);
  }
}

const SCALARS: { readonly [Type in ScalarType]: (value: unknown) => number } = {
  f32: (value) => Math.fround(number(value)),
  f16: (value) => roundToHalf(number(value)),
  i32: (value) => {
    if ((value as number) << 0 === value) return (value as number) << 0; // no negative zero
    throw new Misfit("is not a whole number from -2147483648 to 2147483647");
  },
  u32: (value) => {
    if ((value as number) >>> 0 === value) return (value as number) >>> 0;
    throw new Misfit("is not a whole number from 0 to 4294967295");
  },
};

function number(value: unknown): number {
  if (typeof value === "number") return value;
  throw new Misfit("is not a number");
}

function numbersFit(scalar: ScalarType, length: number): Fit {
  const fit = SCALARS[scalar];
  return (value) => {
    const from = listOf(value, length);
    if (scalar !== "f16" && isNumbers(scalar, value)) return value;
    const fitting = numbers(scalar, length);
    for (let i = 0; i < length; i++) fitting[i] = at(i, from[i], fit) as number;
    return fitting;
  };
}

function listFit(fit: Fit, length: number): Fit {
  return (value) => {
    const from = listOf(value, length);
    return Array.from({ length }, (_, i) => at(i, from[i], fit));
  };
}

function listOf(value: unknown, length: number): ArrayLike<unknown> {
  const from = value as ArrayLike<unknown> | null | undefined;
  if (typeof from !== "object" || from === null || from.length !== length) throw new Misfit(`is not ${length} values`);
  return from;
}

function structFit({ names, members, buffers }: StructPlan): Fit {
  const fits = new Map(members.map(({ name, plan }) => [name, fitOf(plan)]));
  for (const buffer of buffers) fits.set(buffer.name, bufferFit(buffer));
  const pairs = names.map((name) => [name, fits.get(name) as Fit] as const);
  return (value) => {
    if (typeof value !== "object" || value === null) throw new Misfit("is not an object");
    const fitting: Record<string, unknown> = {};
    for (const [name, fit] of pairs) fitting[name] = at(name, (value as Record<string, unknown>)[name], fit);
    return fitting;
  };
}

/** Checks the element type of a buffer, as a device reads its memory as the field says. */
function bufferFit({ field }: { readonly field: object }): Fit {
  const { wgsl, "~elements": elements } = field as { readonly wgsl: string; readonly "~elements": Elements<unknown> };
  return (value) => {
    const buffer = value as Partial<SharedBuffer> | null | undefined;
    if (typeof buffer?.read !== "function" || typeof buffer.byteLength !== "number")
      throw new Misfit("is not a UnifiedBuffer");
    const name = buffer.elements?.name;
    if (name === undefined || name === elements.name) return value;
    throw new Misfit(`is a UnifiedBuffer of other elements than ${wgsl}`);
  };
}

function at(step: PropertyKey, value: unknown, fit: Fit): unknown {
  try {
    return fit(value);
  } catch (error) {
    if (error instanceof Misfit) error.path.unshift(step);
    throw error;
  }
}

export function issueOf({ message, path }: Misfit): SchemaIssue {
  return path.length === 0 ? { message } : { message, path: [...path] };
}

/** Value that zeroed memory has. */
export function zeroOf(plan: FieldPlan): unknown {
  switch (plan.kind) {
    case "scalar":
      return 0;
    case "vector":
      return Array.from({ length: plan.width }, () => 0);
    case "array":
      return zerosOf(plan);
    case "struct":
      return Object.fromEntries(plan.members.map(({ name, plan }) => [name, zeroOf(plan)]));
    case "buffer":
      return undefined;
  }
}

const zerosOf = ({ of, length }: ArrayPlan) =>
  of.kind === "scalar" ? numbers(of.scalar, length) : Array.from({ length }, () => zeroOf(of));

const [single, bits] = [new Float32Array(1), new Uint32Array(1)];
const bitsOf = new Uint32Array(single.buffer);
const singleOf = new Float32Array(bits.buffer);

/** Bits of the nearest half-precision float, ties to even. */
export function halfBits(value: number): number {
  single[0] = value;
  const from = bitsOf[0] as number;
  const sign = (from >>> 16) & 0x8000;
  const exponent = (from >>> 23) & 0xff;
  const fraction = from & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  const shifted = exponent - 112; // from the bias of 127 to that of 15
  if (shifted >= 31) return sign | 0x7c00;
  if (shifted >= 1) return sign | rounded((shifted << 23) | fraction, 13);
  return shifted < -10 ? sign : sign | rounded(fraction | 0x800000, 14 - shifted);
}

/** `value / 2 ** by`, to the nearest, ties to even. A carry out of the fraction correctly increments the exponent. */
function rounded(value: number, by: number): number {
  const half = 2 ** (by - 1);
  const low = value & (2 ** by - 1);
  const high = value >>> by;
  return low > half || (low === half && (high & 1) === 1) ? high + 1 : high;
}

export function halfOf(from: number): number {
  const exponent = (from >>> 10) & 0x1f;
  const fraction = from & 0x3ff;
  const sign = (from & 0x8000) === 0 ? 1 : -1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  bits[0] = exponent === 31 ? 0x7f800000 | (fraction << 13) : ((exponent + 112) << 23) | (fraction << 13);
  return sign * (singleOf[0] as number);
}

/** Rounds a value to a half-precision float. */
export const roundToHalf = (value: number): number => halfOf(halfBits(value));
