import { MOST_BYTES } from "../buffers/unified-buffer.js";
import { errors } from "../errors/ringline-error.js";
import { strideOf } from "../layouts/field-plan.js";
import type { PassPlan, ProgramPlan } from "./compute-plan.js";

/** Sizes of a program for one message, in whole numbers of elements. */
export interface Measure {
  /** Length of each output array, by name. */
  readonly shape: Readonly<Record<string, number>>;
  /** Length of each scratch array, by name. */
  readonly scratch: Readonly<Record<string, number>>;
  /** Elements of each pass, in order: one number per run. */
  readonly elements: readonly (readonly number[])[];
}

/** Maximum number of runs of a pass for one message. */
const MOST_REPEATS = 65_536;

/**
 * Calls the size functions of a program for one message. Every backend calls all of them, so that all backends reject
 * the same messages. Throws `INVALID_ARGUMENT`, and errors of the functions.
 */
export function measure({ output, scratch, passes, shape }: ProgramPlan, message: object): Measure {
  const given = shape(message as never);
  return {
    shape: Object.fromEntries(
      output.plan.buffers.map(({ name, of }) => [name, length(`shape.${name}`, given?.[name], strideOf(of))]),
    ),
    scratch: Object.fromEntries(
      scratch.map((one) => [
        one.name,
        length(`scratch.${one.name}.length`, one.length(message as never), strideOf(one.of)),
      ]),
    ),
    elements: passes.map((pass) => elementsOf(pass, message)),
  };
}

function elementsOf({ entry, elements, repeat }: PassPlan, message: object): readonly number[] {
  const times = repeat === undefined ? 1 : repeat(message as never);
  if (!(Number.isInteger(times) && times >= 0 && times <= MOST_REPEATS)) {
    throw wrong(`repeat of pass ${entry}`, times, `\`repeat\` gives a whole number from 0 to ${MOST_REPEATS}.`);
  }
  return Array.from({ length: times }, (_, step) => {
    const count = elements(message as never, step);
    if (Number.isInteger(count) && count >= 0 && count < 2 ** 32) return count;
    throw wrong(`elements of pass ${entry}`, count, "`elements` gives a whole number from 0 to 4294967295.");
  });
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
