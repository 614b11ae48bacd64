import { type Elements, elementsOf, registerElements } from "../buffers/elements.js";
import type { UnifiedBuffer } from "../buffers/unified-buffer-types.js";
import { errors } from "../errors/ringline-error.js";
import { arrayPlan, type FieldPlan, type ScalarType, scalarPlan, strideOf, vectorPlan } from "./field-plan.js";
import { Memory, read, write } from "./packer.js";
import { halfBits, halfOf } from "./values.js";

export type FieldKind = "fixed" | "buffer" | "atomic";

/** A field: type of one value, type of many values, and whether it has a fixed offset in a struct. */
export interface Field<out Value, out Many, out K extends FieldKind = "fixed"> {
  /** Type of the field in WGSL. */
  readonly wgsl: string;
  readonly "~field": { readonly value: Value; readonly many: Many; readonly kind: K };
  readonly "~plan": FieldPlan;
  readonly "~elements": Elements<Many>;
}

export type Vec2 = readonly [number, number];
export type Vec3 = readonly [number, number, number];
export type Vec4 = readonly [number, number, number, number];

// biome-ignore lint/suspicious/noExplicitAny: matches every field
export type AnyField = Field<any, any, FieldKind>;

const TYPED = { f32: Float32Array, i32: Int32Array, u32: Uint32Array } as const;
const made = new Map<string, Elements<never>>();

function field<F extends AnyField>(wgsl: string, plan: FieldPlan): F {
  return Object.freeze({ wgsl, "~plan": plan, "~elements": elementsOfPlan(plan) }) as unknown as F;
}

const scalar = <Many>(type: ScalarType) => field<Field<number, Many>>(type, scalarPlan(type));
const vector = <Value>(type: ScalarType, width: 2 | 3 | 4) =>
  field<Field<Value, readonly Value[]>>(`vec${width}<${type}>`, vectorPlan(type, width));

/** 32-bit float. */
export const f32: Field<number, Float32Array> = scalar("f32");
/** 16-bit float; on a GPU it needs an adapter with `shader-f16`. On the host, many are a `Float32Array`. */
export const f16: Field<number, Float32Array> = scalar("f16");
/** Signed 32-bit integer. */
export const i32: Field<number, Int32Array> = scalar("i32");
/** Unsigned 32-bit integer. */
export const u32: Field<number, Uint32Array> = scalar("u32");
/**
 * Element of an array that the invocations of a pass change by atomic operations, `atomic<u32>` in WGSL: of scratch, or
 * of a `buffer(…)` in an output. Arrays of it in an input are plain numbers. `of`: u32 or i32. Throws
 * `INVALID_ARGUMENT`.
 */
export function atomic<Many extends Int32Array | Uint32Array>(of: Field<number, Many>): Field<number, Many, "atomic"> {
  const plan = fieldPlanOf("of", of);
  if (plan.kind === "scalar" && (plan.scalar === "u32" || plan.scalar === "i32")) {
    return field(`atomic<${plan.scalar}>`, { ...plan, isAtomic: true });
  }
  throw new errors.INVALID_ARGUMENT({ argument: "of", value: of }, { remedy: "An atomic is a u32 or an i32." });
}
/** A field of a layout: a vector of 2 `f32`. */
export const vec2f: Field<Vec2, readonly Vec2[]> = vector("f32", 2);
/** A field of a layout: a vector of 3 `f32`. */
export const vec3f: Field<Vec3, readonly Vec3[]> = vector("f32", 3);
/** A field of a layout: a vector of 4 `f32`. */
export const vec4f: Field<Vec4, readonly Vec4[]> = vector("f32", 4);
/** A field of a layout: a vector of 2 `i32`. */
export const vec2i: Field<Vec2, readonly Vec2[]> = vector("i32", 2);
/** A field of a layout: a vector of 3 `i32`. */
export const vec3i: Field<Vec3, readonly Vec3[]> = vector("i32", 3);
/** A field of a layout: a vector of 4 `i32`. */
export const vec4i: Field<Vec4, readonly Vec4[]> = vector("i32", 4);
/** A field of a layout: a vector of 2 `u32`. */
export const vec2u: Field<Vec2, readonly Vec2[]> = vector("u32", 2);
/** A field of a layout: a vector of 3 `u32`. */
export const vec3u: Field<Vec3, readonly Vec3[]> = vector("u32", 3);
/** A field of a layout: a vector of 4 `u32`. */
export const vec4u: Field<Vec4, readonly Vec4[]> = vector("u32", 4);

/** A fixed array inside the struct. `length`: elements, at least 1. Throws `INVALID_ARGUMENT`. */
// biome-ignore lint/suspicious/noExplicitAny: an array of any field
export function array<Many>(of: Field<any, Many>, length: number): Field<Many, readonly Many[]> {
  const plan = fieldPlanOf("of", of);
  if (!(Number.isSafeInteger(length) && length >= 1)) {
    throw new errors.INVALID_ARGUMENT({ argument: "length", value: length }, { remedy: "A whole number, at least 1." });
  }
  return field(`array<${of.wgsl}, ${length}>`, arrayPlan(plan, length));
}

/**
 * A large array outside the struct: a `UnifiedBuffer` in the message, a storage binding with the field's name in WGSL.
 * Throws `INVALID_ARGUMENT`.
 */
// biome-ignore lint/suspicious/noExplicitAny: a buffer of any field
export function buffer<Many>(of: Field<any, Many, "fixed" | "atomic">): Field<UnifiedBuffer<Many>, never, "buffer"> {
  return field(`array<${of.wgsl}>`, { kind: "buffer", of: elementPlan("of", of), field: of, size: 0, align: 1 });
}

/** Returns the plan of a field of a struct, as `elementPlan` does. Throws `INVALID_ARGUMENT` also for an atomic. */
export function fieldPlanOf(argument: string, of: unknown): FieldPlan {
  const plan = elementPlan(argument, of);
  if (plan.kind !== "scalar" || plan.isAtomic !== true) return plan;
  const remedy = "An atomic is an element of scratch, or of a buffer(…).";
  throw new errors.INVALID_ARGUMENT({ argument, value: of }, { remedy });
}

/**
 * Returns the plan of an element of an array. Throws `INVALID_ARGUMENT` for other values, and for a field that contains
 * a buffer.
 */
export function elementPlan(argument: string, of: unknown): FieldPlan {
  const plan = (of as Partial<AnyField> | null | undefined)?.["~plan"];
  const isFixed = plan !== undefined && plan.kind !== "buffer" && !(plan.kind === "struct" && plan.buffers.length > 0);
  if (isFixed) return plan;
  throw new errors.INVALID_ARGUMENT(
    { argument, value: of },
    { remedy: "Give a field such as f32, vec3f, array(f32, 4) or a struct of such fields, without a buffer in it." },
  );
}

/**
 * Element type of a `UnifiedBuffer` of a field. Numbers are a typed array over the buffer's memory. Everything else is
 * read as a copy: an array of the field's values, or a `Float32Array` for halves; writes to the copy do not reach the
 * buffer.
 */
export function elementsOfPlan(plan: FieldPlan): Elements<never> {
  if (plan.kind === "scalar" && plan.scalar !== "f16") return elementsOf(TYPED[plan.scalar]) as Elements<never>;
  const name = JSON.stringify(plan);
  let elements = made.get(name);
  if (elements === undefined) {
    elements = (plan.kind === "scalar" ? halves(name) : records(name, plan)) as Elements<never>;
    made.set(name, elements);
    registerElements(elements);
  }
  return elements;
}

function halves(name: string): Elements<Float32Array> {
  return {
    name,
    stride: 2,
    over: (memory, offset, length) => Float32Array.from(new Uint16Array(memory, offset, length), halfOf),
    fill: (memory, offset, values, at) => {
      const to = new Uint16Array(memory, offset + at * 2, values.length);
      for (let i = 0; i < to.length; i++) to[i] = halfBits(values[i] as number);
    },
  };
}

function records(name: string, plan: FieldPlan): Elements<readonly unknown[]> {
  const stride = strideOf(plan);
  return {
    name,
    stride,
    over: (memory, offset, length) => {
      const from = new Memory(memory, offset, length * stride);
      return Array.from({ length }, (_, i) => read(plan, from, i * stride));
    },
    fill: (memory, offset, values, at) => {
      const to = new Memory(memory, offset, (at + values.length) * stride);
      for (let i = 0; i < values.length; i++) write(plan, values[i], to, (at + i) * stride);
    },
  };
}
