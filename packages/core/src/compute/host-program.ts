import type { SharedBuffer } from "../buffers/shared-buffer.js";
import { MOST_BYTES, unifiedBuffer } from "../buffers/unified-buffer.js";
import type { UnifiedBuffer } from "../buffers/unified-buffer-types.js";
import { errors, isRinglineError } from "../errors/ringline-error.js";
import type { Handle } from "../kernels/kernel.js";
import type { AnyField } from "../layouts/field.js";
import { type FieldPlan, scalarPlan, strideOf } from "../layouts/field-plan.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { MessageType } from "../messages/message-type.js";
import type { LoopPlan, PassPlan, ProgramPlan, Sizes } from "./compute-plan.js";
import { hostLookups } from "./lookup.js";

/** Sizes of a program for one message, in whole numbers of elements. */
export interface Measure {
  /** Length of each output array, by name. */
  readonly shape: Readonly<Record<string, number>>;
  /** Length of each scratch array, by name. */
  readonly scratch: Readonly<Record<string, number>>;
  /** Runs of the passes, in order. */
  readonly runs: readonly Run[];
}

/** One run of a pass. */
export interface Run {
  /** Index of the pass. */
  readonly pass: number;
  /** Number of the run, or of the round of its loop, from 0. */
  readonly step: number;
  /** Number of elements in each dimension. */
  readonly size: Sizes;
  /** True if `elements` gave a list of sizes. */
  readonly isList: boolean;
  readonly uniforms: object | undefined;
  /** Loop of the pass; undefined outside loops. */
  readonly loop: LoopPlan | undefined;
}

/** Maximum number of runs of a pass, and of rounds of a loop, for one message. */
const MOST_REPEATS = 65_536;

/**
 * Calls the size functions of a program for one message. Every backend calls all of them, so that all backends reject
 * the same messages. Throws `INVALID_ARGUMENT`, and errors of the functions.
 */
export function measure(plan: ProgramPlan, message: object): Measure {
  const { output, scratch, shape, update } = plan;
  const given = shape(message as never);
  const sizeOf = (name: string) =>
    update.includes(name) ? (message as Record<string, { length: number }>)[name]?.length : given?.[name];
  return {
    shape: Object.fromEntries(
      output.plan.buffers.map(({ name, of }) => [name, length(`shape.${name}`, sizeOf(name), strideOf(of))]),
    ),
    scratch: Object.fromEntries(
      scratch.map((one) => [
        one.name,
        length(`scratch.${one.name}.length`, one.length(message as never), strideOf(one.of)),
      ]),
    ),
    runs: runsOf(plan, message),
  };
}

function runsOf(plan: ProgramPlan, message: object): readonly Run[] {
  const runs: Run[] = [];
  const { passes, loops } = plan;
  for (let pass = 0; pass < passes.length; pass++) {
    const loop = loops.find(({ from }) => from === pass);
    const { entry, repeat } = passes[pass] as PassPlan;
    const what = loop === undefined ? `repeat of pass ${entry}` : "most";
    const times = timesOf(what, loop?.most ?? repeat, message);
    const to = loop?.to ?? pass + 1;
    for (let step = 0; step < times; step++) {
      for (let index = pass; index < to; index++) runs.push(runOf(plan, index, message, step, loop));
    }
    pass = to - 1;
  }
  return runs;
}

function timesOf(argument: string, count: ((message: never) => number) | undefined, message: object): number {
  const times = count === undefined ? 1 : count(message as never);
  if (Number.isInteger(times) && times >= 0 && times <= MOST_REPEATS) return times;
  throw wrong(argument, times, `It gives a whole number from 0 to ${MOST_REPEATS}.`);
}

function runOf(plan: ProgramPlan, pass: number, message: object, step: number, loop: LoopPlan | undefined): Run {
  const { entry, elements, uniforms } = plan.passes[pass] as PassPlan;
  const given = elements(message as never, step);
  const size = sizesOf(given);
  if (size === undefined) {
    const remedy = "`elements` gives a whole number from 0 to 4294967295, or a list of two or three such numbers.";
    throw wrong(`elements of pass ${entry}`, given, remedy);
  }
  const values = uniforms && plan.uniforms?.fit(`uniforms of pass ${entry}`, uniforms(message as never, step));
  return { pass, step, size, isList: typeof given !== "number", uniforms: values, loop };
}

const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;

/** Sizes in three dimensions from those in one to three; undefined if they are no counts, or too many elements. */
export function sizesOf(given: unknown): Sizes | undefined {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (list.length < 1 || list.length > 3 || !list.every(isCount)) return undefined;
  const [x = 1, y = 1, z = 1] = list as readonly number[];
  return x * y * z < 2 ** 32 ? [x, y, z] : undefined;
}

function length(argument: string, value: number | undefined, stride: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) * stride <= MOST_BYTES) {
    return value as number;
  }
  throw wrong(argument, value, `A whole number of elements, 0 or more; at most ${MOST_BYTES} bytes.`);
}

function wrong(argument: string, value: unknown, remedy: string) {
  return new errors.INVALID_ARGUMENT({ argument, value }, { remedy });
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
        if (elements.fill !== undefined) buffers[name]?.write(array as ArrayLike<number>); // it was a copy
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
