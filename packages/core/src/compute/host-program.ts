import type { SharedBuffer } from "../buffers/shared-buffer.js";
import { unifiedBuffer } from "../buffers/unified-buffer.js";
import type { UnifiedBuffer } from "../buffers/unified-buffer-types.js";
import type { Handle } from "../kernels/kernel.js";
import type { AnyField } from "../layouts/field.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { MessageType } from "../messages/message-type.js";
import type { ProgramPlan } from "./compute-plan.js";
import { measure } from "./measure.js";
import { wrapping } from "./wrapping.js";

type Body = Readonly<Record<string, unknown>>;
type HostProgram = (input: never, output: never) => object | void;
type MakeOutput = (body: object) => AnyMessage;

/** The host body of a program as a function of one message. */
export function hostProgram(
  plan: ProgramPlan,
  host: HostProgram,
  output: MessageType<string, object>,
): Handle<never, unknown, never> {
  const make = wrapping(plan.output.plan, output as unknown as MakeOutput);
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
        const buffer = unifiedBuffer(field as AnyField, shape[name] as number) as UnifiedBuffer<unknown>;
        buffers[name] = buffer;
        arrays[name] = await buffer.read();
      }
      const rest = host(input as never, arrays as never);
      for (const [name, array] of Object.entries(arrays)) {
        const { elements } = buffers[name] as SharedBuffer;
        if (elements.fill !== undefined) buffers[name]?.write(array as ArrayLike<number>); // it was a copy
      }
      return make({ ...rest, ...buffers });
    } catch (error) {
      for (const buffer of Object.values(buffers)) buffer.release();
      throw error;
    }
  };
  return handle as unknown as Handle<never, unknown, never>;
}
