import { type Elements, elementsOf, registerElements } from "../buffers/elements.js";
import { type FieldPlan, strideOf } from "./field-plan.js";
import { halfBits, halfOf } from "./half.js";
import { Memory, read, write } from "./packer.js";

const TYPED = { f32: Float32Array, i32: Int32Array, u32: Uint32Array } as const;
const made = new Map<string, Elements<never>>();

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
