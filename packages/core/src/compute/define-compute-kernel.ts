import { errors } from "../errors/ringline-error.js";
import { defineKernel } from "../kernels/define-kernel.js";
import type { Handle, Kernel, KernelDefinition } from "../kernels/kernel.js";
import type { AnyField } from "../layouts/field.js";
import { strideOf } from "../layouts/field-plan.js";
import type { Layout } from "../layouts/struct.js";
import { WGSL_WORDS } from "../layouts/wgsl-words.js";
import type { AnyMessageType, MessageOf } from "../messages/message-type.js";
import { checkBatch } from "../time/wait-options.js";
import type { ComputePlan, LayoutEnd, MapPlan, PassPlan, ProgramPlan, SlotsPlan } from "./compute-plan.js";
import type { MapDefinition, ProgramDefinition, Shaped } from "./compute-types.js";
import { hostMap } from "./host-map.js";
import { hostProgram } from "./host-program.js";

// biome-ignore lint/suspicious/noExplicitAny: the definition was checked by its type
type Any = any;

const COMMON = [
  ...["kind", "id", "module", "input", "output", "wgsl", "supervise", "tolerance", "host"],
  ...["queueSize", "backpressure"],
];
const KNOWN = {
  map: new Set([...COMMON, "batch", "filter", "ordering", "state"]),
  program: new Set([...COMMON, "shape", "scratch", "passes"]),
};

/**
 * Defines a kernel with two bodies: `host` is the reference and runs on CPU backends, `wgsl` runs on a GPU.
 * Throws `INVALID_ARGUMENT` for an option that is unknown or out of range.
 */
export function defineComputeKernel<
  const Id extends string,
  I extends Shaped,
  O extends Shaped,
  State = {},
  const F extends boolean = false,
  Scratch extends string = never,
>(
  definition: MapDefinition<Id, I, O, State, F> | ProgramDefinition<Id, I, O, Scratch>,
): Kernel<Id, MessageOf<I>, MessageOf<O>, never> {
  const given = definition as Any;
  const known = KNOWN[given?.kind as keyof typeof KNOWN];
  if (known === undefined) throw wrong("kind", given?.kind, '`kind` is "map" or "program".');
  for (const [option, value] of Object.entries(given)) {
    if (!known.has(option)) throw wrong(option, value, `Options of a ${given.kind} are ${[...known].join(", ")}.`);
  }
  if (typeof given.host !== "function") throw wrong("host", given.host, "`host` is the reference, a function.");
  const { id, module, queueSize, backpressure, supervise, host } = given;
  const plan: MapPlan | ProgramPlan = given.kind === "map" ? mapPlan(given) : programPlan(given);
  const handle: Handle<never, unknown, never> =
    plan.kind === "map" ? hostMap(plan, host, given.output) : hostProgram(plan, host, given.output);
  const kernel = defineKernel({
    ...defined({ id, module, queueSize, backpressure, supervise }),
    input: given.input as AnyMessageType,
    output: given.output as AnyMessageType,
    handle: handle as Any,
  } as Any) as unknown as KernelDefinition & { as(id: string): Any };
  return withPlan(kernel, plan) as unknown as Kernel<Id, MessageOf<I>, MessageOf<O>, never>;
}

/** `as` makes a copy, which has the plan too. */
function withPlan(kernel: KernelDefinition & { as(id: string): Any }, compute: ComputePlan): KernelDefinition {
  return Object.freeze({ ...kernel, compute, as: (id: string) => withPlan(kernel.as(id), compute) });
}

function mapPlan({ input, output, wgsl, tolerance, batch, filter = false, ordering = "fifo", state }: Any): MapPlan {
  const ends = { input: fixedEnd("input", input), output: fixedEnd("output", output) };
  if (typeof filter !== "boolean") throw wrong("filter", filter, "`filter` is true or false.");
  if (ordering !== "fifo" && ordering !== "unordered") {
    throw wrong("ordering", ordering, '`ordering` is "fifo" or "unordered".');
  }
  const { max, linger } = { max: 1024, linger: 1, ...batch };
  checkBatch({ max, linger });
  return {
    kind: "map",
    ...ends,
    ...common(wgsl, tolerance),
    batch: { max, linger },
    filter,
    ordering,
    state: state === undefined ? undefined : slotsPlan(state, ends.input),
  };
}

function slotsPlan({ layout, slots, key, checkpointEvery = 65_536, ...rest }: Any, input: LayoutEnd): SlotsPlan {
  for (const [option, value] of Object.entries(rest)) {
    throw wrong(`state.${option}`, value, "Options of `state` are layout, slots, key and checkpointEvery.");
  }
  const plan = (layout as Partial<Layout<object>> | undefined)?.["~plan"];
  if (plan?.kind !== "struct" || plan.buffers.length > 0) {
    throw wrong("state.layout", layout, "The state is a struct({ … }) without buffers.");
  }
  const field = input.plan.members.find(({ name }) => name === key)?.plan;
  if (field?.kind !== "scalar" || (field.scalar !== "u32" && field.scalar !== "i32")) {
    throw wrong("state.key", key, "`key` names a field of the input that is u32 or i32.");
  }
  for (const [option, value] of Object.entries({ slots, checkpointEvery })) {
    if (!(Number.isSafeInteger(value) && (value as number) >= 1)) {
      throw wrong(`state.${option}`, value, `\`${option}\` is a whole number, at least 1.`);
    }
  }
  return { plan, stride: strideOf(plan), slots, key, checkpointEvery };
}

function programPlan({ input, output, wgsl, tolerance, shape, scratch = {}, passes }: Any): ProgramPlan {
  const ends = { input: end("input", input), output: end("output", output) };
  if (typeof shape !== "function") throw wrong("shape", shape, "`shape` gives the elements of each output buffer.");
  if (!Array.isArray(passes)) throw wrong("passes", passes, "`passes` is a list of { entry, elements }.");
  return {
    kind: "program",
    ...ends,
    ...common(wgsl, tolerance),
    shape,
    scratch: Object.entries(scratch).map(([name, { of, length }]: [string, Any]) => {
      const plan = (of as Partial<AnyField> | undefined)?.["~plan"];
      if (plan === undefined || plan.kind === "buffer" || typeof length !== "function") {
        throw wrong(`scratch.${name}`, of, "Scratch is { of: a field, length: a function of the message }.");
      }
      return { name, of: plan, length };
    }),
    passes: passes.map(passPlan),
  };
}

function passPlan({ entry, elements, workgroup = 64 }: Any): PassPlan {
  if (typeof entry !== "string" || entry === "")
    throw wrong("passes.entry", entry, "`entry` names a function in WGSL.");
  if (typeof elements !== "function")
    throw wrong("passes.elements", elements, "`elements` is a function of the message.");
  if (!(Number.isSafeInteger(workgroup) && workgroup >= 1 && workgroup <= 256)) {
    throw wrong("passes.workgroup", workgroup, "`workgroup` is a whole number of lanes, 1 to 256.");
  }
  return { entry, elements, workgroup };
}

function common(wgsl: unknown, tolerance: unknown = 0): { readonly wgsl: string; readonly tolerance: number } {
  if (typeof wgsl !== "string") throw wrong("wgsl", wgsl, "`wgsl` is the text of the device body.");
  if (!(typeof tolerance === "number" && tolerance >= 0)) {
    throw wrong("tolerance", tolerance, "`tolerance` is a number, 0 or more.");
  }
  return { wgsl, tolerance };
}

function fixedEnd(argument: string, type: unknown): LayoutEnd {
  const fixed = end(argument, type);
  if (fixed.plan.buffers.length === 0) return fixed;
  throw wrong(argument, type, `A map has no place for the buffer in "${fixed.type}": use kind "program".`);
}

function end(argument: string, message: unknown): LayoutEnd {
  const { type, schema } = (message ?? {}) as { type?: unknown; schema?: Partial<Layout<object>> };
  const plan = schema?.["~plan"];
  if (plan?.kind !== "struct" || typeof type !== "string") {
    throw wrong(
      argument,
      message,
      "Compute kernels take and give one message type each, defined with a struct({ … }).",
    );
  }
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(type) || WGSL_WORDS.has(type)) {
    throw wrong(
      argument,
      type,
      "The message type names a struct in WGSL: letters, digits and _, no word that WGSL keeps.",
    );
  }
  return { type, plan, stride: strideOf(plan) };
}

const defined = (options: object): object =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

function wrong(argument: string, value: unknown, remedy: string) {
  return new errors.INVALID_ARGUMENT({ argument, value }, { remedy });
}
