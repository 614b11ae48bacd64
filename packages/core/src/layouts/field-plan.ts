/** The scalars that a shader can hold in memory. */
export type ScalarType = "f32" | "f16" | "i32" | "u32";

/** Memory layout of a field, by the rules of WGSL for the storage address space. Sizes and offsets are bytes. */
export type FieldPlan = ScalarPlan | VectorPlan | ArrayPlan | StructPlan | BufferPlan;

export interface ScalarPlan {
  readonly kind: "scalar";
  readonly scalar: ScalarType;
  readonly size: number;
  readonly align: number;
  /** True for an element of an array that invocations change by atomic operations. */
  readonly isAtomic?: boolean;
}

export interface VectorPlan {
  readonly kind: "vector";
  readonly scalar: ScalarType;
  readonly width: 2 | 3 | 4;
  readonly size: number;
  readonly align: number;
}

export interface ArrayPlan {
  readonly kind: "array";
  readonly of: FieldPlan;
  readonly length: number;
  /** Bytes from one element to the next. */
  readonly stride: number;
  readonly size: number;
  readonly align: number;
}

export interface Member {
  readonly name: string;
  readonly plan: FieldPlan;
  readonly offset: number;
}

export interface NamedBuffer {
  readonly name: string;
  readonly of: FieldPlan;
  /** Field of its elements, as the user gave it. */
  readonly field: object;
}

export interface StructPlan {
  readonly kind: "struct";
  /** Members with a fixed offset; buffers are stored outside the struct. */
  readonly members: readonly Member[];
  readonly buffers: readonly NamedBuffer[];
  /** All names, in the order of definition. */
  readonly names: readonly string[];
  readonly size: number;
  readonly align: number;
}

/** A large array outside the struct, of which it takes no bytes. */
export interface BufferPlan {
  readonly kind: "buffer";
  readonly of: FieldPlan;
  readonly field: object;
  readonly size: 0;
  readonly align: 1;
}

export const roundUp = (value: number, to: number): number => Math.ceil(value / to) * to;

/** Bytes from one element to the next in an array. */
export const strideOf = ({ size, align }: FieldPlan): number => roundUp(size, align);

const BYTES = { f32: 4, i32: 4, u32: 4, f16: 2 } as const;

export function scalarPlan(scalar: ScalarType): ScalarPlan {
  return { kind: "scalar", scalar, size: BYTES[scalar], align: BYTES[scalar] };
}

export function vectorPlan(scalar: ScalarType, width: 2 | 3 | 4): VectorPlan {
  const bytes = BYTES[scalar];
  return { kind: "vector", scalar, width, size: bytes * width, align: bytes * (width === 2 ? 2 : 4) };
}

export function arrayPlan(of: FieldPlan, length: number): ArrayPlan {
  const stride = strideOf(of);
  return { kind: "array", of, length, stride, size: stride * length, align: of.align };
}

export function structPlan(fields: readonly (readonly [name: string, plan: FieldPlan])[]): StructPlan {
  const members: Member[] = [];
  const buffers: NamedBuffer[] = [];
  let [end, align] = [0, 1];
  for (const [name, plan] of fields) {
    if (plan.kind === "buffer") {
      buffers.push({ name, of: plan.of, field: plan.field });
      continue;
    }
    const offset = roundUp(end, plan.align);
    members.push({ name, plan, offset });
    end = offset + plan.size;
    align = Math.max(align, plan.align);
  }
  return { kind: "struct", members, buffers, names: fields.map(([name]) => name), size: roundUp(end, align), align };
}

/** True if the field contains half-precision floats, for which shaders need a feature. */
export function hasHalves(plan: FieldPlan): boolean {
  switch (plan.kind) {
    case "scalar":
    case "vector":
      return plan.scalar === "f16";
    case "struct":
      return [...plan.members.map((member) => member.plan), ...plan.buffers.map(({ of }) => of)].some(hasHalves);
    default:
      return hasHalves(plan.of);
  }
}
