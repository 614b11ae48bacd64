import type { FieldPlan, Member, ScalarType, StructPlan } from "./field-plan.js";
import { halfBits, halfOf } from "./half.js";
import { numbers, zeroOf } from "./values.js";

/** A piece of memory seen as each of the numbers that it may hold. */
export class Memory {
  readonly bytes: ArrayBufferLike;
  readonly f32: Float32Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly u16: Uint16Array;

  /** `byteOffset` is a multiple of 4, `byteLength` of what is in it. */
  constructor(bytes: ArrayBufferLike, byteOffset = 0, byteLength = bytes.byteLength - byteOffset) {
    this.bytes = bytes;
    this.f32 = new Float32Array(bytes, byteOffset, byteLength >> 2);
    this.i32 = new Int32Array(bytes, byteOffset, byteLength >> 2);
    this.u32 = new Uint32Array(bytes, byteOffset, byteLength >> 2);
    this.u16 = new Uint16Array(bytes, byteOffset, byteLength >> 1);
  }
}

/** How a member is written and read, in one small number. */
const F32 = 0;
const I32 = 1;
const U32 = 2;
const FLOAT_ROW = 3;
const OTHER = 4;
const KINDS = { f32: F32, i32: I32, u32: U32, f16: OTHER } as const;

/**
 * Writes objects of one layout into memory and reads them back, with no code made at run time: it works where `eval` is
 * forbidden. Objects whose fields are in the layout's order take the quick way.
 */
export class Packer {
  readonly stride: number;
  readonly #members: readonly Member[];
  readonly #names: readonly string[];
  readonly #kinds: Uint8Array;
  /** In words of 4 bytes. */
  readonly #offsets: Int32Array;
  readonly #widths: Int32Array;
  readonly #plan: StructPlan;

  constructor(plan: StructPlan, stride: number) {
    this.#plan = plan;
    this.stride = stride;
    this.#members = plan.members;
    this.#names = plan.members.map(({ name }) => name);
    this.#kinds = Uint8Array.from(plan.members, ({ plan }) => kindOf(plan));
    this.#offsets = Int32Array.from(plan.members, ({ offset }) => offset >> 2);
    this.#widths = Int32Array.from(plan.members, ({ plan }) => plan.size >> 2);
  }

  /** `start`: bytes, a multiple of the stride's alignment. */
  pack(values: readonly object[], count: number, memory: Memory, start = 0): void {
    for (let i = 0; i < count; i++) this.packOne(values[i] as object, memory, start + i * this.stride);
  }

  packOne(value: object, memory: Memory, start: number): void {
    const names = this.#names;
    const kinds = this.#kinds;
    const offsets = this.#offsets;
    const words = start >> 2;
    let next = 0;
    // engines read fields fastest where they enumerate them
    for (const key in value) {
      if (key !== names[next]) break;
      const field = (value as Record<string, unknown>)[key];
      switch (kinds[next]) {
        case F32:
          memory.f32[words + (offsets[next] as number)] = field as number;
          break;
        case I32:
          memory.i32[words + (offsets[next] as number)] = field as number;
          break;
        case U32:
          memory.u32[words + (offsets[next] as number)] = field as number;
          break;
        case FLOAT_ROW:
          copyRow(
            field as ArrayLike<number>,
            memory.f32,
            words + (offsets[next] as number),
            this.#widths[next] as number,
          );
          break;
        default:
          this.#packMember(next, field, memory, start);
      }
      if (++next === names.length) return;
    }
    // another order, or further fields
    this.#packByName(value as Record<string, unknown>, memory, start);
  }

  /** Into `into`, an object of this layout such as `zero()` gives; arrays are new ones. */
  unpackInto(into: Record<string, unknown>, memory: Memory, start: number): void {
    const kinds = this.#kinds;
    const offsets = this.#offsets;
    const words = start >> 2;
    let next = 0;
    for (const key in into) {
      switch (kinds[next]) {
        case F32:
          into[key] = memory.f32[words + (offsets[next] as number)];
          break;
        case I32:
          into[key] = memory.i32[words + (offsets[next] as number)];
          break;
        case U32:
          into[key] = memory.u32[words + (offsets[next] as number)];
          break;
        default:
          into[key] = this.#unpackMember(next, memory, start);
      }
      next++;
    }
  }

  unpack(memory: Memory, start: number): Record<string, unknown> {
    const into = this.zero();
    this.unpackInto(into, memory, start);
    return into;
  }

  /** An object of this layout, buffers left out. */
  zero(): Record<string, unknown> {
    return zeroOf(this.#plan) as Record<string, unknown>;
  }

  #packByName(value: Record<string, unknown>, memory: Memory, start: number): void {
    for (let i = 0; i < this.#names.length; i++) {
      this.#packMember(i, value[this.#names[i] as string], memory, start);
    }
  }

  #packMember(index: number, value: unknown, memory: Memory, start: number): void {
    const { plan, offset } = this.#members[index] as Member;
    write(plan, value, memory, start + offset);
  }

  #unpackMember(index: number, memory: Memory, start: number): unknown {
    const { plan, offset } = this.#members[index] as Member;
    return read(plan, memory, start + offset);
  }
}

function kindOf(plan: FieldPlan): number {
  if (plan.kind === "scalar") return KINDS[plan.scalar];
  if (plan.kind === "vector" && plan.scalar === "f32") return FLOAT_ROW;
  if (plan.kind === "array" && plan.of.kind === "scalar" && plan.of.scalar === "f32") return FLOAT_ROW;
  return OTHER;
}

function copyRow(from: ArrayLike<number>, to: Float32Array, at: number, width: number): void {
  for (let i = 0; i < width; i++) to[at + i] = from[i] as number;
}

/** Writes the value of a field at a byte offset. */
export function write(plan: FieldPlan, value: unknown, memory: Memory, start: number): void {
  switch (plan.kind) {
    case "scalar":
      writeScalar(plan.scalar, value as number, memory, start);
      return;
    case "vector": {
      const bytes = plan.size / plan.width;
      for (let i = 0; i < plan.width; i++) {
        writeScalar(plan.scalar, (value as ArrayLike<number>)[i] as number, memory, start + i * bytes);
      }
      return;
    }
    case "array":
      for (let i = 0; i < plan.length; i++) {
        write(plan.of, (value as ArrayLike<unknown>)[i], memory, start + i * plan.stride);
      }
      return;
    case "struct":
      for (const { name, plan: member, offset } of plan.members) {
        write(member, (value as Record<string, unknown>)[name], memory, start + offset);
      }
  }
}

function writeScalar(scalar: ScalarType, value: number, memory: Memory, start: number): void {
  if (scalar === "f16") memory.u16[start >> 1] = halfBits(value);
  else memory[scalar][start >> 2] = value;
}

/** Reads the value of a field at a byte offset. */
export function read(plan: FieldPlan, memory: Memory, start: number): unknown {
  switch (plan.kind) {
    case "scalar":
      return readScalar(plan.scalar, memory, start);
    case "vector": {
      const bytes = plan.size / plan.width;
      return Array.from({ length: plan.width }, (_, i) => readScalar(plan.scalar, memory, start + i * bytes));
    }
    case "array": {
      const { of, length, stride } = plan;
      if (of.kind !== "scalar") return Array.from({ length }, (_, i) => read(of, memory, start + i * stride));
      const many = numbers(of.scalar, length);
      for (let i = 0; i < length; i++) many[i] = readScalar(of.scalar, memory, start + i * stride);
      return many;
    }
    case "struct":
      return Object.fromEntries(
        plan.members.map(({ name, plan: member, offset }) => [name, read(member, memory, start + offset)]),
      );
    case "buffer":
      return undefined;
  }
}

function readScalar(scalar: ScalarType, memory: Memory, start: number): number {
  return scalar === "f16" ? halfOf(memory.u16[start >> 1] as number) : (memory[scalar][start >> 2] as number);
}
