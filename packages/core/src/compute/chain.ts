import { isBuffer } from "../buffers/shared-buffer.js";
import { errors } from "../errors/ringline-error.js";
import type { Handle, KernelDefinition } from "../kernels/kernel.js";
import { isAlike } from "../layouts/wgsl.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { ChainStage, HostMade, MapPlan, ProgramPlan } from "./compute-plan.js";

/**
 * Combines the compute kernels of a chain into one, so that a place with a device keeps intermediate results there.
 * Throws `INVALID_ARGUMENT` if an output of one and the input of the next have different layouts.
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

/** Runs the host bodies one after the other. */
function oneAfterAnother(stages: readonly ChainStage[]): Handle<never, unknown, never> {
  const from = (index: number, message: HostMade, ctx: object): unknown => {
    const stage = stages[index];
    if (stage === undefined || message === undefined) return message;
    const made = stage.host(message as AnyMessage, ctx);
    if (!(made instanceof Promise)) return from(index + 1, made, ctx);
    return made.then((later) => passOn(index, later, ctx));
  };
  const passOn = async (index: number, made: HostMade, ctx: object): Promise<unknown> => {
    const isLast = index === stages.length - 1;
    try {
      return await from(index + 1, made, ctx);
    } finally {
      // intermediate results have no other user
      if (!isLast) for (const value of Object.values(made ?? {})) if (isBuffer(value)) value.release();
    }
  };
  return ((message: AnyMessage, ctx: object) => from(0, message, ctx)) as unknown as Handle<never, unknown, never>;
}
