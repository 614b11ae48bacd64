import type { SharedBuffer } from "../buffers/shared-buffer.js";
import { unifiedBuffer } from "../buffers/unified-buffer.js";
import type { UnifiedBuffer } from "../buffers/unified-buffer-types.js";
import { errors } from "../errors/ringline-error.js";
import type { Handle } from "../kernels/kernel.js";
import type { AnyField } from "../layouts/field.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { MessageType } from "../messages/message-type.js";
import type { ProgramPlan } from "./compute-plan.js";
import { hostLookups } from "./lookup.js";
import { measure } from "./measure.js";
import { wrapping } from "./wrapping.js";

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
