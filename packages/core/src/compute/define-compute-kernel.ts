import { checkOptions } from "../errors/check-options.js";
import { errors } from "../errors/ringline-error.js";
import { show } from "../errors/table.js";
import { defineKernel } from "../kernels/define-kernel.js";
import type { Handle, Kernel, KernelDefinition } from "../kernels/kernel.js";
import type { AnyField } from "../layouts/field.js";
import { strideOf } from "../layouts/field-plan.js";
import { IDENTIFIER, type Layout } from "../layouts/struct.js";
import { isAlike, WGSL_WORDS } from "../layouts/wgsl-words.js";
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
/** Names that generated WGSL uses. */
const GENERATED = /^(ringline_|Ringline|(array|atomic|bool|ptr|select|[fiu]32|f16|mat\dx\d[fh]?|vec[234][fhiu]?)$)/;
const NAMES_ARRAY =
  "In WGSL it would be the name of a variable: none that another array or a type has, or that WGSL or Ringline uses itself.";
const KNOWN = {
  map: [...COMMON, "batch", "filter", "ordering", "state"],
  program: [...COMMON, "shape", "scratch", "passes"],
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

/** Adds a plan to a kernel, and to its copies that `as` makes. */
function withPlan(kernel: KernelDefinition & { as(id: string): Any }, compute: ComputePlan): KernelDefinition {
  return Object.freeze({ ...kernel, compute, as: (id: string) => withPlan(kernel.as(id), compute) });
}

function mapPlan({ input, output, wgsl, tolerance, batch, filter = false, ordering = "fifo", state }: Any): MapPlan {
  const ends = { input: fixedEnd("input", input), output: fixedEnd("output", output) };
  checkNames(ends);
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

function programPlan({ input, output, wgsl, tolerance, shape, scratch = {}, passes }: Any): ProgramPlan {
  const ends = { input: end("input", input), output: end("output", output) };
  checkNames(ends);
  if (typeof shape !== "function") throw wrong("shape", shape, "`shape` gives the elements of each output buffer.");
  if (!Array.isArray(passes) || passes.length === 0) {
    throw wrong("passes", passes, "`passes` is a list of at least one { entry, elements }.");
  }
  const scratchPlans = Object.entries(scratch).map(([name, one]) => scratchPlan(name, one));
  checkArrays(ends, scratchPlans);
  return {
    kind: "program",
    ...ends,
    ...common(wgsl, tolerance),
    shape,
    scratch: scratchPlans,
    passes: passes.map(passPlan),
  };
}

function scratchPlan(name: string, { of, length }: Any): ProgramPlan["scratch"][number] {
  const plan = (of as Partial<AnyField> | undefined)?.["~plan"];
  const isFixed = plan !== undefined && plan.kind !== "buffer" && !(plan.kind === "struct" && plan.buffers.length > 0);
  if (!isFixed || typeof length !== "function") {
    throw wrong(`scratch.${name}`, of, "Scratch is { of: a field, length: a function of the message }.");
  }
  if (!IDENTIFIER.test(name) || WGSL_WORDS.has(name)) throw wrong(`scratch.${name}`, name, NAMES_ARRAY);
  return { name, of: plan, length };
}

function passPlan({ entry, elements, workgroup, repeat }: Any): PassPlan {
  if (
    typeof entry !== "string" ||
    !/^(?!_$|__)[_\p{XID_Start}]\p{XID_Continue}*$/u.test(entry) ||
    WGSL_WORDS.has(entry)
  ) {
    throw wrong("passes.entry", entry, `\`entry\` is the name of a function in WGSL, which ${show(entry)} cannot be.`);
  }
  if (typeof elements !== "function")
    throw wrong("passes.elements", elements, "`elements` is a function of the message.");
  if (workgroup !== undefined && !(Number.isSafeInteger(workgroup) && workgroup >= 1 && workgroup <= 256)) {
    throw wrong("passes.workgroup", workgroup, "`workgroup` is a whole number of lanes, 1 to 256.");
  }
  if (repeat !== undefined && typeof repeat !== "function") {
    throw wrong("passes.repeat", repeat, "`repeat` is a function of the message.");
  }
  return { entry, elements, workgroup, repeat };
}

/** Checks that one shader can declare both structs. */
function checkNames({ input, output }: { readonly input: LayoutEnd; readonly output: LayoutEnd }): void {
  if (input.type !== output.type || isAlike(input.plan, output.plan)) return;
  const remedy = `Input and output are two structs in WGSL, and both would be "${output.type}": give one another name.`;
  throw wrong("output", output.type, remedy);
}

/** Checks the names of arrays: each is a variable of the shader, as are `params` and `result` if there are such. */
function checkArrays(
  { input, output }: { readonly input: LayoutEnd; readonly output: LayoutEnd },
  scratch: ProgramPlan["scratch"],
): void {
  const own = input.plan.buffers.map(({ name }) => name);
  const outs = output.plan.buffers.map(({ name }) => (own.includes(name) ? `out_${name}` : name));
  const taken = new Set([input.type, output.type]);
  if (input.plan.members.length > 0) taken.add("params");
  if (output.plan.members.length > 0) taken.add("result");
  for (const name of [...own, ...outs, ...scratch.map((one) => one.name)]) {
    if (taken.has(name) || GENERATED.test(name)) throw wrong("arrays", name, NAMES_ARRAY);
    taken.add(name);
  }
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
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(type) || WGSL_WORDS.has(type) || GENERATED.test(type)) {
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
