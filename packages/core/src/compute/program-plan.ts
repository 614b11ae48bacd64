import { MOST_BYTES } from "../buffers/unified-buffer.js";
import { checkOptions } from "../errors/check-options.js";
import { errors } from "../errors/ringline-error.js";
import { type SchemaIssue, show } from "../errors/table.js";
import { elementPlan } from "../layouts/field.js";
import { strideOf } from "../layouts/field-plan.js";
import { IDENTIFIER, type Layout } from "../layouts/struct.js";
import { WGSL_WORDS } from "../layouts/wgsl.js";
import type { LayoutEnd, LoopPlan, PassPlan, ProgramPlan, Sizes, UniformsPlan } from "./compute-plan.js";
import { lookupPlans } from "./lookup.js";
import {
  checkStructNames,
  common,
  type Ends,
  end,
  GENERATED,
  NAMES_ARRAY,
  variantPlans,
  wrong,
} from "./plan-checks.js";

// biome-ignore lint/suspicious/noExplicitAny: the definition was checked by its type
type Any = any;

/** Checks the definition of a program. Throws `INVALID_ARGUMENT`. */
export function programPlan(given: Any): ProgramPlan {
  const { input, output, shape, scratch = {}, passes, counters = [], uniforms, update = [] } = given;
  const ends = { input: end("input", input), output: end("output", output) };
  checkStructNames(ends);
  if (typeof shape !== "function") throw wrong("shape", shape, "`shape` gives the elements of each output buffer.");
  if (!Array.isArray(passes) || passes.length === 0) {
    throw wrong("passes", passes, "`passes` is a list of at least one { entry, elements }.");
  }
  const scratchPlans = Object.entries(scratch).map(([name, one]) => scratchPlan(name, one));
  checkUpdate(update, ends);
  checkCounters(counters);
  const uniformsPlan = uniforms === undefined ? undefined : planOfUniforms(uniforms);
  const lookups = lookupPlans(given.lookups);
  const others = [...scratchPlans, ...lookups].map(({ name }) => name);
  checkArrays(ends, others, update, [
    ...(counters.length > 0 ? ["counts"] : []),
    ...(uniformsPlan === undefined ? [] : ["uniforms"]),
  ]);
  const plansOf = (list: readonly Any[]) => passPlans(list, counters, uniformsPlan !== undefined, ends.output);
  return {
    kind: "program",
    ...ends,
    ...common(given),
    lookups,
    variants: variantPlans(given.variants, (more) => plansOf(more as Any[])),
    shape,
    scratch: scratchPlans,
    ...plansOf(passes),
    counters,
    uniforms: uniformsPlan,
    update,
  };
}

function checkUpdate(update: unknown, { input, output }: Ends) {
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

/** Checks the names of arrays: each is a variable of the shader, as are `params` and `result` if there are such. */
function checkArrays(
  { input, output }: Ends,
  others: readonly string[],
  update: readonly string[],
  variables: readonly string[],
): void {
  const own = input.plan.buffers.map(({ name }) => name);
  const outs = output.plan.buffers.filter(({ name }) => !update.includes(name));
  const taken = new Set([input.type, output.type, ...variables]);
  if (input.plan.members.length > 0) taken.add("params");
  if (output.plan.members.length > 0) taken.add("result");
  const outNames = outs.map(({ name }) => (own.includes(name) ? `out_${name}` : name));
  for (const name of [...own, ...outNames, ...others]) {
    if (taken.has(name) || GENERATED.test(name)) throw wrong("arrays", name, NAMES_ARRAY);
    taken.add(name);
  }
}

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
  throw wrongSize(argument, times, `It gives a whole number from 0 to ${MOST_REPEATS}.`);
}

function runOf(plan: ProgramPlan, pass: number, message: object, step: number, loop: LoopPlan | undefined): Run {
  const { entry, elements, uniforms } = plan.passes[pass] as PassPlan;
  const given = elements(message as never, step);
  const size = sizesOf(given);
  if (size === undefined) {
    const remedy = "`elements` gives a whole number from 0 to 4294967295, or a list of two or three such numbers.";
    throw wrongSize(`elements of pass ${entry}`, given, remedy);
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
  throw wrongSize(argument, value, `A whole number of elements, 0 or more; at most ${MOST_BYTES} bytes.`);
}

function wrongSize(argument: string, value: unknown, remedy: string) {
  return new errors.INVALID_ARGUMENT({ argument, value }, { remedy });
}
