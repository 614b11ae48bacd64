import type { SharedBuffer } from "../buffers/shared-buffer.js";
import { unifiedBuffer } from "../buffers/unified-buffer.js";
import type { UnifiedBuffer } from "../buffers/unified-buffer-types.js";
import { errors, isRinglineError } from "../errors/ringline-error.js";
import type { Handle } from "../kernels/kernel.js";
import type { AnyField } from "../layouts/field.js";
import { type FieldPlan, scalarPlan } from "../layouts/field-plan.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { MessageType } from "../messages/message-type.js";
import type { ProgramPlan } from "./compute-plan.js";
import { hostLookups } from "./lookup.js";
import { measure } from "./program-plan.js";

type Body = Readonly<Record<string, unknown>>;
type HostProgram = (input: never, output: never, lookups: never) => object | void;
type MakeOutput = (body: object) => AnyMessage;

/** The host body of a program as a function of one message. */
export function hostProgram(
  plan: ProgramPlan,
  host: HostProgram,
  output: MessageType<string, object>,
): Handle<never, unknown, never> {
  const make = wrapping(plan.output.plan, output as unknown as MakeOutput);
  const lookups = hostLookups(plan.lookups);
  const handle = async (message: Body): Promise<AnyMessage> => {
    const input: Record<string, unknown> = { ...message };
    for (const { name } of plan.input.plan.buffers) {
      input[name] = await (message[name] as UnifiedBuffer<unknown>).read();
    }
    const { shape } = measure(plan, message);
    const buffers: Record<string, UnifiedBuffer<unknown>> = {};
    const arrays: Record<string, unknown> = {};
    try {
      for (const { name, field } of plan.output.plan.buffers) {
        const from = plan.update.includes(name) ? (input[name] as ArrayLike<number>) : (shape[name] as number);
        const buffer = unifiedBuffer(field as AnyField, from) as UnifiedBuffer<unknown>;
        buffers[name] = buffer;
        arrays[name] = await buffer.read();
      }
      const rest = host(input as never, arrays as never, lookups()) as Readonly<Record<string, unknown>>;
      for (const [name, array] of Object.entries(arrays)) {
        const { elements } = buffers[name] as SharedBuffer;
        if (elements.fill !== undefined) buffers[name]?.write(array as ArrayLike<number>); // the body wrote into a copy
        if (plan.counters.includes(name)) buffers[name] = shortened(name, buffers[name] as SharedBuffer, rest?.[name]);
      }
      return make({ ...rest, ...buffers });
    } catch (error) {
      for (const buffer of Object.values(buffers)) buffer.release();
      throw error;
    }
  };
  return handle as unknown as Handle<never, unknown, never>;
}

/** The first elements of an array, as many as its counter says. Throws `OUTPUT_OVERFLOW`, `INVALID_ARGUMENT`. */
function shortened(name: string, whole: SharedBuffer, count: unknown): UnifiedBuffer<unknown> {
  checkCount(name, count, whole.length);
  if (count === whole.length) return whole;
  const part = unifiedBuffer({ "~elements": whole.elements }, count) as SharedBuffer;
  part.bytes.set(whole.bytes.subarray(0, part.byteLength));
  whole.release();
  return part;
}

/** Checks the counted length of an output array. Throws `OUTPUT_OVERFLOW`, `INVALID_ARGUMENT`. */
export function checkCount(array: string, count: unknown, capacity: number): asserts count is number {
  if (!(Number.isSafeInteger(count) && (count as number) >= 0)) {
    const remedy = "The host body returns the number of elements of each counted array.";
    throw new errors.INVALID_ARGUMENT({ argument: array, value: count }, { remedy });
  }
  if ((count as number) > capacity) throw new errors.OUTPUT_OVERFLOW({ array, capacity, needed: count as number });
}

/**
 * Creates the outputs of host bodies. Whole numbers beyond the range of an integer field wrap around as on a device;
 * only an output that fails validation is searched for them. Throws `INVALID_MESSAGE` if the wrapped output is invalid,
 * too.
 */
export function wrapping(plan: FieldPlan, make: (body: object) => AnyMessage): (body: object) => AnyMessage {
  return (body) => {
    try {
      return make(body);
    } catch (error) {
      if (!isRinglineError(error, "INVALID_MESSAGE")) throw error;
      return make(wrapped(plan, body) as object);
    }
  };
}

/** Wraps the whole numbers of a value modulo 2 ** 32; a value that does not suit its field stays unchanged. */
function wrapped(plan: FieldPlan, value: unknown): unknown {
  switch (plan.kind) {
    case "scalar":
      if (plan.scalar === "u32" && Number.isInteger(value)) return (value as number) >>> 0;
      return plan.scalar === "i32" && Number.isInteger(value) ? (value as number) | 0 : value;
    case "vector":
    case "array": {
      const of = plan.kind === "array" ? plan.of : scalarPlan(plan.scalar);
      const isList = typeof value === "object" && value !== null && "length" in value;
      return isList ? Array.from(value as ArrayLike<unknown>, (one) => wrapped(of, one)) : value;
    }
    case "struct": {
      if (typeof value !== "object" || value === null) return value;
      const fields = { ...value } as Record<string, unknown>;
      for (const { name, plan: member } of plan.members) fields[name] = wrapped(member, fields[name]);
      return fields;
    }
    case "buffer":
      return value;
  }
}
