import { declareStructs, hasHalves, type ProgramPlan, wgslType } from "@ringline/core/internal";
import { LENGTHS, withLengths } from "./array-lengths.js";
import { Bindings } from "./bindings.js";
import { type PassText, passText } from "./pass-text.js";
import { assemble, type Shader } from "./shader.js";
import { functionsIn, userText } from "./wgsl-text.js";

/** Maximum number of workgroups in one dimension; more are arranged in rows of this many. */
export const MOST_GROUPS_WIDE = 65_535;

/** A binding of a program; the first binding, of the counts, is not among these. */
export interface ProgramBinding {
  readonly from: "input" | "output" | "scratch" | "params" | "result";
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
   * Entry of each pass for element counts that fill the workgroups of a single row; a user's entry point has only one
   * version.
   */
  readonly filled: readonly string[];
  /** True if the text reads the lengths of arrays. */
  readonly hasLengths: boolean;
}

const arraysOf = ({ input, output, scratch }: ProgramPlan) =>
  input.plan.buffers.length + output.plan.buffers.length + scratch.length;

/** Bytes of the counts: number of the run, then elements of all passes, then lengths of all arrays. */
export const countsBytes = (plan: ProgramPlan): number => Math.ceil((1 + plan.passes.length + arraysOf(plan)) / 4) * 16;

/**
 * Shader of a program: each buffer under its name, the other fields as `params` and `result`. Throws
 * `INVALID_ARGUMENT`.
 */
export function programShader(plan: ProgramPlan): ProgramShader {
  const { input, output, scratch, wgsl } = plan;
  const bindings = new Bindings();
  const slots: ProgramBinding[] = [];
  const bind = (from: ProgramBinding["from"], name: string, as: string, type: string): string => {
    slots.push({ from, name, as });
    return bindings.storage(from === "input" || from === "params" ? "read" : "read_write", `${as}: ${type}`);
  };
  const taken = new Set(input.plan.buffers.map(({ name }) => name));
  const outName = (name: string) => (taken.has(name) ? `out_${name}` : name);
  const arrays = [
    ...taken,
    ...output.plan.buffers.map(({ name }) => outName(name)),
    ...scratch.map(({ name }) => name),
  ];
  const halves = [input.plan, output.plan, ...scratch.map(({ of }) => of)].some(hasHalves);
  const given = userText(wgsl, halves);
  const functions = functionsIn(given.code);
  const passes = plan.passes.map((pass) => passText(pass, given.code, functions, arrays));
  const { text, hasLengths } = withLengths(given, arrays);
  const counts = [STEP, ...passes.map((_, i) => passCount(i)), ...arrays];
  const head = [
    declareStructs([
      [input.type, input.plan],
      [output.type, output.plan],
    ]),
    `struct RinglineCounts { ${counts.map((name) => `${name}: u32`).join(", ")} }`,
    bindings.uniform(`${LENGTHS}: RinglineCounts`),
    input.plan.members.length > 0 ? bind("params", "", "params", input.type) : "",
    output.plan.members.length > 0 ? bind("result", "", "result", output.type) : "",
    ...input.plan.buffers.map(({ name, of }) => bind("input", name, name, `array<${wgslType(of)}>`)),
    ...output.plan.buffers.map(({ name, of }) => bind("output", name, outName(name), `array<${wgslType(of)}>`)),
    ...scratch.map(({ name, of }) => bind("scratch", name, name, `array<${wgslType(of)}>`)),
  ];
  const entries = passes.map(({ entry, isWhole }, i) => (isWhole ? entry : `ringline_pass_${i}`));
  const filled = passes.map(({ entry, isWhole }, i) => (isWhole ? entry : `ringline_filled_${i}`));
  const shader = assemble(head, text, passes.map(callOf));
  return { ...shader, bindings: bindings.kinds, slots, passes, entries, filled, hasLengths };
}

const STEP = "ringline_step";
const passCount = (index: number) => `ringline_elements_${index}`;

/** Code of the entry points of a pass, which call its function for each element. */
function callOf({ entry, workgroup, isWhole, isStepped }: PassText, i: number): string {
  if (isWhole) return "";
  const step = isStepped ? `, ${LENGTHS}.${STEP}` : "";
  const begin = (name: string) =>
    `@compute @workgroup_size(${workgroup}) fn ${name}(@builtin(global_invocation_id) id: vec3u)`;
  return (
    `${begin(`ringline_pass_${i}`)} { let i = id.y * ${MOST_GROUPS_WIDE * workgroup}u + id.x; ` +
    `if (i < ${LENGTHS}.${passCount(i)}) { ${entry}(i${step}); } } ` +
    `${begin(`ringline_filled_${i}`)} { ${entry}(id.x${step}); }`
  );
}
