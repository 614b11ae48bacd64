import { checkOptions } from "../errors/check-options.js";
import { errors } from "../errors/ringline-error.js";
import { type SchemaIssue, show } from "../errors/table.js";
import { defineKernel } from "../kernels/define-kernel.js";
import type { Handle, Kernel, KernelDefinition } from "../kernels/kernel.js";
import { elementPlan } from "../layouts/field.js";
import { strideOf } from "../layouts/field-plan.js";
import { IDENTIFIER, type Layout } from "../layouts/struct.js";
import { isAlike, WGSL_WORDS } from "../layouts/wgsl-words.js";
import type { AnyMessageType, MessageOf } from "../messages/message-type.js";
import { checkBatch } from "../time/wait-options.js";
import type {
  ComputePlan,
  LayoutEnd,
  LoopPlan,
  MapPlan,
  PassPlan,
  ProgramPlan,
  SlotsPlan,
  UniformsPlan,
} from "./compute-plan.js";
import type { MapDefinition, ProgramDefinition, Shaped } from "./compute-types.js";
import { hostMap } from "./host-map.js";
import { hostProgram } from "./host-program.js";
import { sizesOf } from "./measure.js";

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
  program: [...COMMON, "shape", "scratch", "passes", "counters", "uniforms", "update"],
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
  const Counter extends string = never,
  const Update extends string = never,
  Uniforms = {},
>(
  definition: MapDefinition<Id, I, O, State, F> | ProgramDefinition<Id, I, O, Scratch, Counter, Update, Uniforms>,
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

function programPlan(given: Any): ProgramPlan {
  const { input, output, wgsl, tolerance, shape, scratch = {}, passes, counters = [], uniforms, update = [] } = given;
  const ends = { input: end("input", input), output: end("output", output) };
  checkNames(ends);
  if (typeof shape !== "function") throw wrong("shape", shape, "`shape` gives the elements of each output buffer.");
  if (!Array.isArray(passes) || passes.length === 0) {
    throw wrong("passes", passes, "`passes` is a list of at least one { entry, elements }.");
  }
  const scratchPlans = Object.entries(scratch).map(([name, one]) => scratchPlan(name, one));
  checkUpdate(update, ends);
  checkCounters(counters);
  const uniformsPlan = uniforms === undefined ? undefined : planOfUniforms(uniforms);
  checkArrays(ends, scratchPlans, update, [
    ...(counters.length > 0 ? ["counts"] : []),
    ...(uniformsPlan === undefined ? [] : ["uniforms"]),
  ]);
  return {
    kind: "program",
    ...ends,
    ...common(wgsl, tolerance),
    shape,
    scratch: scratchPlans,
    ...passPlans(passes, counters, uniformsPlan !== undefined, ends.output),
    counters,
    uniforms: uniformsPlan,
    update,
  };
}

function checkUpdate(update: unknown, { input, output }: { readonly input: LayoutEnd; readonly output: LayoutEnd }) {
  const remedy = "`update` lists arrays that input and output have in common, with the same elements.";
  if (!Array.isArray(update)) throw wrong("update", update, remedy);
  for (const name of update) {
    const [from, to] = [input, output].map(({ plan }) => plan.buffers.find((one) => one.name === name));
    if (from === undefined || to === undefined || JSON.stringify(from.of) !== JSON.stringify(to.of))
      throw wrong("update", name, remedy);
  }
}

function checkCounters(counters: unknown): void {
  const isName = (name: unknown) => typeof name === "string" && IDENTIFIER.test(name) && !WGSL_WORDS.has(name);
  if (Array.isArray(counters) && counters.every(isName) && new Set(counters).size === counters.length) return;
  throw wrong("counters", counters, "`counters` is a list of names in WGSL, each once.");
}

function planOfUniforms(layout: unknown): UniformsPlan {
  const { "~plan": plan, "~standard": standard } = (layout ?? {}) as Partial<Layout<object>>;
  const isFlat = plan?.kind === "struct" && plan.buffers.length === 0;
  if (
    !isFlat ||
    standard === undefined ||
    plan.members.some(({ plan: { kind } }) => kind !== "scalar" && kind !== "vector")
  ) {
    throw wrong("uniforms", layout, "`uniforms` is a struct({ … }) of numbers and vectors.");
  }
  const fit = (argument: string, values: unknown): object => {
    const result = standard.validate(values) as { readonly value?: object; readonly issues?: readonly SchemaIssue[] };
    if (result.value !== undefined) return result.value;
    const [issue] = result.issues ?? [];
    throw wrong(argument, values, `${issue?.path?.map(String).join(".") ?? "It"} ${issue?.message}.`);
  };
  return { plan, stride: strideOf(plan), fit };
}

/** Plans of passes and loops, in one list. */
function passPlans(passes: readonly Any[], counters: readonly string[], hasUniforms: boolean, output: LayoutEnd) {
  const all: PassPlan[] = [];
  const loops: LoopPlan[] = [];
  const add = (pass: Any) => {
    const plan = passPlan(pass);
    checkCounter("passes.count", plan.count, counters);
    if (plan.uniforms !== undefined && !hasUniforms)
      throw wrong("passes.uniforms", pass.uniforms, "Declare them in `uniforms` of the kernel.");
    all.push(plan);
  };
  for (const one of passes) {
    if (one?.loop === undefined) {
      add(one);
      continue;
    }
    checkOptions(one, ["loop", "most", "while"], "a loop", { path: "passes." });
    const from = all.length;
    if (!Array.isArray(one.loop) || one.loop.length === 0 || typeof one.most !== "function") {
      throw wrong("passes.loop", one.loop, "A loop is { loop: a list of passes, most: a function of the message }.");
    }
    for (const pass of one.loop) {
      if (pass?.repeat !== undefined) throw wrong("passes.repeat", pass.repeat, "A pass of a loop has no `repeat`.");
      add(pass);
    }
    checkCounter("passes.while", one.while, counters);
    if (output.plan.buffers.some(({ name }) => name === one.while))
      throw wrong("passes.while", one.while, "A round sets the counter to 0, so it cannot be that of an output array.");
    loops.push({ from, to: all.length, most: one.most, while: one.while });
  }
  return { passes: all, loops };
}

function checkCounter(argument: string, name: unknown, counters: readonly string[]): void {
  if (name === undefined || counters.includes(name as string)) return;
  throw wrong(argument, name, `It is one of \`counters\`: ${counters.join(", ") || "there are none"}.`);
}

function scratchPlan(name: string, { of, length }: Any): ProgramPlan["scratch"][number] {
  const plan = elementPlan(`scratch.${name}`, of);
  if (typeof length !== "function") {
    throw wrong(`scratch.${name}`, length, "Scratch is { of: a field, length: a function of the message }.");
  }
  if (!IDENTIFIER.test(name) || WGSL_WORDS.has(name)) throw wrong(`scratch.${name}`, name, NAMES_ARRAY);
  return { name, of: plan, length };
}

function passPlan(pass: Any): PassPlan {
  checkOptions(pass, ["entry", "elements", "workgroup", "repeat", "uniforms", "count"], "a pass", { path: "passes." });
  const { entry, elements, workgroup, repeat, uniforms, count } = pass;
  if (
    typeof entry !== "string" ||
    !/^(?!_$|__)[_\p{XID_Start}]\p{XID_Continue}*$/u.test(entry) ||
    WGSL_WORDS.has(entry)
  ) {
    throw wrong("passes.entry", entry, `\`entry\` is the name of a function in WGSL, which ${show(entry)} cannot be.`);
  }
  if (typeof elements !== "function")
    throw wrong("passes.elements", elements, "`elements` is a function of the message.");
  const lanes = workgroup === undefined ? undefined : sizesOf(workgroup);
  const laneCount = lanes === undefined ? 0 : lanes[0] * lanes[1] * lanes[2];
  if (workgroup !== undefined && !(laneCount >= 1 && laneCount <= 1024)) {
    throw wrong(
      "passes.workgroup",
      workgroup,
      "`workgroup` is a whole number of lanes, or two or three: 1 to 1024 in all.",
    );
  }
  for (const [name, value] of Object.entries({ repeat, uniforms })) {
    if (value !== undefined && typeof value !== "function")
      throw wrong(`passes.${name}`, value, `\`${name}\` is a function of the message.`);
  }
  return { entry, elements, workgroup: lanes, repeat, uniforms, count };
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
  update: readonly string[],
  variables: readonly string[],
): void {
  const own = input.plan.buffers.map(({ name }) => name);
  const outs = output.plan.buffers.filter(({ name }) => !update.includes(name));
  const taken = new Set([input.type, output.type, ...variables]);
  if (input.plan.members.length > 0) taken.add("params");
  if (output.plan.members.length > 0) taken.add("result");
  const outNames = outs.map(({ name }) => (own.includes(name) ? `out_${name}` : name));
  for (const name of [...own, ...outNames, ...scratch.map((one) => one.name)]) {
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
