import { isBuffer } from "../buffers/shared-buffer.js";
import { errors } from "../errors/ringline-error.js";
import type { Handle, KernelDefinition } from "../kernels/kernel.js";
import { isAlike } from "../layouts/wgsl-words.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { ChainStage, MapPlan, ProgramPlan } from "./compute-plan.js";

/**
 * The compute kernels of a chain as one: a place that has a device keeps there what goes from one to the next. Throws
 * `INVALID_ARGUMENT` where what one gives is laid out otherwise than what the next takes.
 */
export function chained(kernels: readonly KernelDefinition[]): KernelDefinition {
  const [first, last] = [kernels[0] as KernelDefinition, kernels.at(-1) as KernelDefinition];
  const stages = kernels.flatMap(stagesOf);
  for (const [i, { id, plan }] of stages.entries()) {
    const before = stages[i - 1]?.plan.output;
    if (before === undefined || isAlike(before.plan, plan.input.plan)) continue;
    const remedy = `"${stages[i - 1]?.id}" sends a "${before.type}" with other fields: give one of them another name.`;
    throw new errors.INVALID_ARGUMENT({ argument: "input", value: plan.input.type }, { kernelId: id, remedy });
  }
  return { ...first, output: last.output, compute: { kind: "chain", stages }, handle: oneAfterAnother(stages) };
}

/** The stages of a kernel with a device body. */
export function stagesOf({ id, compute, handle }: KernelDefinition): readonly ChainStage[] {
  if (compute === undefined) return [];
  if (compute.kind === "chain") return compute.stages;
  return [{ id, plan: compute as MapPlan | ProgramPlan, host: handle as unknown as ChainStage["host"] }];
}

/** The host bodies in a row. */
function oneAfterAnother(stages: readonly ChainStage[]): Handle<never, unknown, never> {
  const from = (index: number, message: AnyMessage | undefined, ctx: object): unknown => {
    const stage = stages[index];
    if (stage === undefined || message === undefined) return message;
    const made = stage.host(message, ctx);
    if (!(made instanceof Promise)) return from(index + 1, made, ctx);
    return made.then((later) => passOn(index, later, ctx));
  };
  const passOn = async (index: number, made: AnyMessage | undefined, ctx: object): Promise<unknown> => {
    const isLast = index === stages.length - 1;
    try {
      return await from(index + 1, made, ctx);
    } finally {
      // nobody else will see it
      if (!isLast) for (const value of Object.values(made ?? {})) if (isBuffer(value)) value.release();
    }
  };
  return ((message: AnyMessage, ctx: object) => from(0, message, ctx)) as unknown as Handle<never, unknown, never>;
}
