import type { FieldPlan, Member, ScalarType, StructPlan } from "./field-plan.js";
import { type RowWriter, rowWriters } from "./rows.js";
import { halfBits, halfOf, numbers, zeroOf } from "./values.js";

/** Views of one piece of memory, by number type. */
export class Memory {
  readonly bytes: ArrayBufferLike;
  readonly f32: Float32Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly u16: Uint16Array;

  /** `byteOffset`: a multiple of 4. `byteLength`: a multiple of the size of the numbers in it. */
  constructor(bytes: ArrayBufferLike, byteOffset = 0, byteLength = bytes.byteLength - byteOffset) {
    this.bytes = bytes;
    this.f32 = new Float32Array(bytes, byteOffset, byteLength >> 2);
    this.i32 = new Int32Array(bytes, byteOffset, byteLength >> 2);
    this.u32 = new Uint32Array(bytes, byteOffset, byteLength >> 2);
    this.u16 = new Uint16Array(bytes, byteOffset, byteLength >> 1);
  }
}

/** Number of messages that are packed together. */
const PIECE = 256;

/** Codes of the ways in which a member is written and read. */
const F32 = 0;
const I32 = 1;
const U32 = 2;
const OTHER = 3;
const KINDS = { f32: F32, i32: I32, u32: U32, f16: OTHER } as const;

/**
 * Writes objects of one layout into memory and reads them back. No code is generated at run time, so that it works
 * where `eval` is forbidden.
 */
export class Packer {
  readonly stride: number;
  readonly #members: readonly Member[];
  #writers: readonly RowWriter[] | undefined;
  /** Members without a row writer. */
  readonly #others: readonly Member[];
  readonly #kinds: Uint8Array;
  /** Offsets of the members, in words of 4 bytes. */
  readonly #offsets: Int32Array;
  readonly #plan: StructPlan;

  constructor(plan: StructPlan, stride: number) {
    this.#plan = plan;
    this.stride = stride;
    this.#members = plan.members;
    this.#others = plan.members.filter((member) => !isWord(member));
    this.#kinds = Uint8Array.from(plan.members, ({ plan }) => kindOf(plan));
    this.#offsets = Int32Array.from(plan.members, ({ offset }) => offset >> 2);
  }

  /** Writes `count` objects. `start`: byte offset, a multiple of the stride's alignment. */
  pack(values: readonly object[], count: number, memory: Memory, start = 0): void {
    this.#writers ??= writersOf(this.#plan);
    // in pieces that stay in the nearest cache for all fields
    for (let from = 0; from < count; from += PIECE) {
      const to = Math.min(count, from + PIECE);
      const at = start + from * this.stride;
      for (const rows of this.#writers) rows(values, from, to, memory, at >> 2, this.stride >> 2);
      for (const { name, plan, offset } of this.#others) {
        for (let i = from; i < to; i++) {
          const value = (values[i] as Record<string, unknown>)[name];
          write(plan, value, memory, at + (i - from) * this.stride + offset);
        }
      }
    }
  }

  packOne(value: object, memory: Memory, start: number): void {
    for (const { name, plan, offset } of this.#members) {
      write(plan, (value as Record<string, unknown>)[name], memory, start + offset);
    }
  }

  /**
   * Reads an object into `into`, which has this layout, such as the result of `zero()`; arrays are replaced by new
   * ones.
   */
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

  /** Creates a zeroed object of this layout, without buffers. */
  zero(): Record<string, unknown> {
    return zeroOf(this.#plan) as Record<string, unknown>;
  }

  #unpackMember(index: number, memory: Memory, start: number): unknown {
    const { plan, offset } = this.#members[index] as Member;
    return read(plan, memory, start + offset);
  }
}

const isWord = ({ plan }: Member) => plan.kind === "scalar" && plan.scalar !== "f16";

/** Row writers by layout, each made once, as programs have few layouts. */
const writers = new WeakMap<StructPlan, readonly RowWriter[]>();

function writersOf(plan: StructPlan): readonly RowWriter[] {
  let made = writers.get(plan);
  if (made === undefined) {
    made = rowWriters(plan.members.filter(isWord));
    writers.set(plan, made);
  }
  return made;
}

function kindOf(plan: FieldPlan): number {
  if (plan.kind === "scalar") return KINDS[plan.scalar];
  return OTHER;
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
      if (plan.of.kind === "scalar" && plan.of.scalar !== "f16") {
        memory[plan.of.scalar].set(value as ArrayLike<number>, start >> 2);
        return;
      }
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
      if (of.scalar !== "f16") return memory[of.scalar].slice(start >> 2, (start >> 2) + length);
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
