import { declareStructs, type FieldPlan, hasHalves, type ProgramPlan, wgslType } from "@ringline/core/internal";
import { LENGTHS, withLengths } from "./array-lengths.js";
import { Bindings } from "./bindings.js";
import { type PassText, passText } from "./pass-text.js";
import { assemble, type Shader } from "./shader.js";
import { functionsIn, userText } from "./wgsl-text.js";

/** Maximum number of workgroups in one dimension; more are arranged in rows of this many. */
export const MOST_GROUPS_WIDE = 65_535;

/** A binding of a program; the uniforms, which are bound first, are not among these. */
export interface ProgramBinding {
  readonly from: "input" | "output" | "scratch" | "params" | "result" | "counts" | "lookup";
  /** Name of the field. */
  readonly name: string;
  /** Name of the variable. */
  readonly as: string;
}

export interface ProgramShader extends Shader {
  readonly slots: readonly ProgramBinding[];
  readonly passes: readonly PassText[];
  /** Entry of each pass in the shader. */
  readonly entries: readonly string[];
  /**
   * Entry of each pass for element counts that fill the workgroups of a single row; the same as in `entries` for a
   * user's entry point, and in several dimensions.
   */
  readonly filled: readonly string[];
  /** True if the text reads the lengths of arrays. */
  readonly hasLengths: boolean;
}

const arraysOf = ({ input, output, scratch, lookups }: ProgramPlan) =>
  input.plan.buffers.length + output.plan.buffers.length + scratch.length + lookups.length;

/** Bytes of the counts: number of the run, then the size of each pass, then lengths of all arrays. */
export const countsBytes = (plan: ProgramPlan): number =>
  Math.ceil((1 + 3 * plan.passes.length + arraysOf(plan)) / 4) * 16;

/**
 * Words of the counters: their values; the number of elements of each pass that has a counter; for each loop whether it
 * goes on, and the value of its counter before the round.
 */
export const counterWords = ({ counters, passes, loops }: ProgramPlan): number =>
  counters.length + passes.length + 2 * loops.length;

/** True for a pass whose dispatch is decided on the device. */
export const isIndirect = (plan: ProgramPlan, pass: number): boolean =>
  plan.passes[pass]?.count !== undefined ||
  plan.loops.some((loop) => loop.while !== undefined && pass >= loop.from && pass < loop.to);

/**
 * Shader of a program: each buffer under its name, the other fields as `params` and `result`. Throws
 * `INVALID_ARGUMENT`.
 */
export function programShader(plan: ProgramPlan): ProgramShader {
  const { input, output, scratch, wgsl, uniforms, counters, update, lookups } = plan;
  const bindings = new Bindings();
  const slots: ProgramBinding[] = [];
  const bind = (from: ProgramBinding["from"], name: string, as: string, type: string): string => {
    slots.push({ from, name, as });
    const isRead = from === "input" || from === "params" || from === "lookup";
    return bindings.storage(isRead ? "read" : "read_write", `${as}: ${type}`);
  };
  const taken = new Set(input.plan.buffers.map(({ name }) => name));
  const outName = (name: string) => (taken.has(name) && !update.includes(name) ? `out_${name}` : name);
  const arrays = [
    ...[...taken].filter((name) => !update.includes(name)),
    ...output.plan.buffers.map(({ name }) => outName(name)),
    ...[...scratch, ...lookups].map(({ name }) => name),
  ];
  const halves = [input.plan, output.plan, ...[...scratch, ...lookups].map(({ of }) => of)].some(hasHalves);
  const given = userText(wgsl, halves);
  const functions = functionsIn(given.code);
  const passes = plan.passes.map((pass) => passText(pass, given.code, functions, arrays, plan.constants));
  const { text, hasLengths } = withLengths(given, arrays);
  const counts = [STEP, ...passes.flatMap((_, i) => ["x", "y", "z"].map((axis) => passSize(i, axis))), ...arrays];
  const head = [
    declareStructs([
      [input.type, input.plan],
      [output.type, output.plan],
      ...(uniforms === undefined ? [] : [["RinglineUniforms", uniforms.plan] as const]),
    ]),
    `struct RinglineCounts { ${counts.map((name) => `${name}: u32`).join(", ")} }`,
    bindings.uniform(`${LENGTHS}: RinglineCounts`),
    uniforms === undefined ? "" : bindings.uniform("uniforms: RinglineUniforms"),
    counters.length > 0 ? declareCounters(plan) : "",
    counters.length > 0 ? bind("counts", "", "counts", "RinglineCounters") : "",
    input.plan.members.length > 0 ? bind("params", "", "params", input.type) : "",
    output.plan.members.length > 0 ? bind("result", "", "result", output.type) : "",
    ...input.plan.buffers
      .filter(({ name }) => !update.includes(name))
      .map(({ name, of }) => bind("input", name, name, `array<${wgslType(plainOf(of))}>`)),
    ...output.plan.buffers.map(({ name, of }) => bind("output", name, outName(name), `array<${wgslType(of)}>`)),
    ...scratch.map(({ name, of }) => bind("scratch", name, name, `array<${wgslType(of)}>`)),
    ...lookups.map(({ name, of }) => bind("lookup", name, name, `array<${wgslType(plainOf(of))}>`)),
  ];
  const entries = passes.map(({ entry, isWhole }, i) => (isWhole ? entry : `ringline_pass_${i}`));
  const filled = passes.map((pass, i) => (hasFilled(pass, plan, i) ? `ringline_filled_${i}` : (entries[i] as string)));
  const appends = output.plan.buffers
    .filter(({ name }) => counters.includes(name) && !functions.has(`append_${name}`))
    .map(({ name, of }) => appendTo(name, outName(name), wgslType(of)));
  const shader = assemble(head, text, [...appends, ...passes.map((pass, i) => callOf(pass, plan, i))]);
  return { ...shader, constants: plan.constants, bindings: bindings.kinds, slots, passes, entries, filled, hasLengths };
}

const STEP = "ringline_step";
const passSize = (index: number, axis: string) => `ringline_${axis}_${index}`;

/** An input is read only, so that its elements are plain numbers. */
const plainOf = (of: FieldPlan): FieldPlan => (of.kind === "scalar" ? { ...of, isAtomic: false } : of);

/** True for a pass with a second version, without a bounds check. */
const hasFilled = ({ isWhole, dimensions }: PassText, plan: ProgramPlan, i: number) =>
  !isWhole && dimensions === 1 && !isIndirect(plan, i);

function declareCounters({ counters, passes, loops }: ProgramPlan): string {
  const values = counters.map((name) => `${name}: atomic<u32>`).join(", ");
  const rest = loops.length > 0 ? `, ringline_loops: array<u32, ${2 * loops.length}>` : "";
  return `struct RinglineCounters { ${values}, ringline_planned: array<u32, ${passes.length}>${rest} }`;
}

const appendTo = (counter: string, array: string, type: string) =>
  `fn append_${counter}(value: ${type}) { let ringline_at = atomicAdd(&counts.${counter}, 1u); ` +
  `if (ringline_at < ${LENGTHS}.${array}) { ${array}[ringline_at] = value; } }`;

/** Code of the entry points of a pass, which call its function for each element. */
function callOf(pass: PassText, plan: ProgramPlan, i: number): string {
  const { entry, workgroup, lanes, dimensions, isWhole, isStepped } = pass;
  if (isWhole) return "";
  const step = isStepped ? `, ${LENGTHS}.${STEP}` : "";
  const begin = (name: string) =>
    `@compute @workgroup_size(${workgroup}) fn ${name}(@builtin(global_invocation_id) ringline_id: vec3u)`;
  const end = (axis: string) => `${LENGTHS}.${passSize(i, axis)}`;
  if (dimensions > 1) {
    const axes = dimensions === 2 ? "xy" : "xyz";
    const isIn = [...axes].map((axis) => `ringline_id.${axis} < ${end(axis)}`).join(" && ");
    return `${begin(`ringline_pass_${i}`)} { if (${isIn}) { ${entry}(ringline_id.${axes}${step}); } }`;
  }
  const most = plan.passes[i]?.count === undefined ? end("x") : `counts.ringline_planned[${i}]`;
  const checked =
    `${begin(`ringline_pass_${i}`)} { let ringline_i = ringline_id.y * ${MOST_GROUPS_WIDE * lanes}u + ringline_id.x; ` +
    `if (ringline_i < ${most}) { ${entry}(ringline_i${step}); } }`;
  if (!hasFilled(pass, plan, i)) return checked;
  return `${checked} ${begin(`ringline_filled_${i}`)} { ${entry}(ringline_id.x${step}); }`;
}
