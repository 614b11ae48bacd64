import { checkOptions } from "../errors/check-options.js";
import { defineKernel } from "../kernels/define-kernel.js";
import type { AnyKernel, Handle, Kernel, KernelDefinition } from "../kernels/kernel.js";
import { strideOf } from "../layouts/field-plan.js";
import type { Layout } from "../layouts/struct.js";
import type { AnyMessageType, MessageOf } from "../messages/message-type.js";
import { checkBatch } from "../time/wait-options.js";
import type { ComputePlan, LayoutEnd, MapPlan, ProgramPlan, SlotsPlan } from "./compute-plan.js";
import type { MapDefinition, ProgramDefinition, Shaped } from "./compute-types.js";
import { hostMap } from "./host-map.js";
import { hostProgram } from "./host-program.js";
import { lookupPlans } from "./lookup.js";
import { checkStructNames, common, fixedEnd, variantPlans, wrong } from "./plan-checks.js";
import { programPlan } from "./program-plan.js";

// biome-ignore lint/suspicious/noExplicitAny: the definition was checked by its type
type Any = any;

const COMMON = [
  ...["kind", "id", "module", "input", "output", "wgsl", "supervise", "tolerance", "host"],
  ...["queueSize", "backpressure", "constants", "lookups", "variants", "fallback"],
];
const KNOWN = {
  map: [...COMMON, "batch", "filter", "order", "ordering", "state", "outputs"],
  program: [...COMMON, "shape", "scratch", "passes", "counters", "uniforms", "update"],
};

/**
 * Defines a kernel with two bodies: `host` is the reference and runs on CPU backends, `wgsl` runs on a GPU.
 * Throws `INVALID_ARGUMENT` for an option that is unknown or out of range.
 *
 * @example
 * const twice = defineComputeKernel({
 *   kind: "map",
 *   id: "twice",
 *   input: Point,
 *   output: Point,
 *   wgsl: "fn map(m: Point) -> Point { return Point(m.x * 2); }",
 *   host: ({ x }) => ({ x: x * 2 }),
 * });
 */
export function defineComputeKernel<
  const Id extends string,
  I extends Shaped,
  O extends Shaped,
  State = {},
  const F extends boolean = false,
  Scratch extends string = never,
  const Counter extends string = never,
  const Update extends string = never,
  Uniforms = {},
  Lookups = {},
  const N extends number = never,
>(
  definition:
    | MapDefinition<Id, I, O, State, F, Lookups, N>
    | ProgramDefinition<Id, I, O, Scratch, Counter, Update, Uniforms, Lookups>,
): Kernel<Id, MessageOf<I>, MessageOf<O>, never> {
  const given = definition as Any;
  const known = KNOWN[given?.kind as keyof typeof KNOWN];
  if (known === undefined) throw wrong("kind", given?.kind, '`kind` is "map" or "program".');
  checkOptions(given, known, `a ${given.kind}`);
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

/** Tolerance that a compute kernel states between its two bodies. Throws `INVALID_ARGUMENT` for another kernel. */
export function toleranceOf(kernel: AnyKernel): number {
  const { compute } = kernel as unknown as KernelDefinition;
  if (compute === undefined || compute.kind === "chain") {
    throw wrong("kernel", kernel.id, "It has no device body: define it with defineComputeKernel().");
  }
  return compute.tolerance;
}

/** Adds a plan to a kernel, and to its copies that `as` makes. */
function withPlan(kernel: KernelDefinition & { as(id: string): Any }, compute: ComputePlan): KernelDefinition {
  return Object.freeze({ ...kernel, compute, as: (id: string) => withPlan(kernel.as(id), compute) });
}

/** The order of a map, by its name `order` or the earlier one. */
function orderingOf({ ordering, order = ordering === "fifo" ? "preserve" : (ordering ?? "preserve") }: Any) {
  if (order === "preserve") return "fifo";
  if (order === "unordered") return order;
  throw wrong("order", order, '`order` is "preserve" or "unordered".');
}

function mapPlan(given: Any): MapPlan {
  const { input, output, batch, filter = false, state, outputs } = given;
  const ends = { input: fixedEnd("input", input), output: fixedEnd("output", output) };
  checkStructNames(ends);
  if (typeof filter !== "boolean") throw wrong("filter", filter, "`filter` is true or false.");
  const ordering = orderingOf(given);
  if (outputs !== undefined && !(Number.isSafeInteger(outputs) && outputs >= 1 && outputs <= 65_535)) {
    throw wrong("outputs", outputs, "`outputs` is a whole number, 1 to 65535.");
  }
  if (outputs !== undefined && filter) throw wrong("filter", filter, "A map with `outputs` returns an empty list.");
  const { max, linger } = { max: 1024, linger: 1, ...batch };
  checkBatch({ max, linger });
  return {
    kind: "map",
    ...ends,
    ...common(given),
    lookups: lookupPlans(given.lookups),
    variants: variantPlans(given.variants),
    batch: { max, linger },
    filter,
    outputs,
    ordering,
    state: state === undefined ? undefined : slotsPlan(state, ends.input, ends.output),
  };
}

function slotsPlan(state: Any, input: LayoutEnd, output: LayoutEnd): SlotsPlan {
  for (const [argument, { type }] of Object.entries({ input, output })) {
    if (type === "State")
      throw wrong(argument, type, "In WGSL `State` is the state of the kernel: name the type otherwise.");
  }
  checkOptions(state, ["layout", "slots", "key", "checkpointEvery"], "`state`", { path: "state." });
  const { layout, slots, key, checkpointEvery = 65_536 } = state;
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

const defined = (options: object): object =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
