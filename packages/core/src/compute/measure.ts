import { MOST_BYTES } from "../buffers/unified-buffer.js";
import { errors } from "../errors/ringline-error.js";
import { strideOf } from "../layouts/field-plan.js";
import type { LoopPlan, PassPlan, ProgramPlan, Sizes } from "./compute-plan.js";

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
