import { declareStructs, hasHalves, type ProgramPlan, wgslType } from "@ringline/core/backend";
import { Bindings } from "./bindings.js";
import { assemble, type Shader } from "./shader.js";

/** Most workgroups in one dimension; what needs more has as many in each row. */
export const MOST_GROUPS_WIDE = 65_535;

/** What is bound to a program, in the order of the bindings: first how many elements each pass has. */
export interface ProgramBinding {
  readonly from: "input" | "output" | "scratch" | "params" | "result";
  /** The field. */
  readonly name: string;
}

export interface ProgramShader extends Shader {
  readonly slots: readonly ProgramBinding[];
  /** Entry of each pass in the shader. */
  readonly entries: readonly string[];
  /** The same for a number of elements that fills its workgroups, all in one row; where the user wrote it there is but one. */
  readonly filled: readonly string[];
}

/** Bytes of the numbers of elements of all passes. */
export const countsBytes = ({ passes }: ProgramPlan): number => Math.max(1, Math.ceil(passes.length / 4)) * 16;

/** The shader of a program: every buffer by its name, the other fields as `params` and `result`. */
export function programShader(plan: ProgramPlan): ProgramShader {
  const { input, output, scratch, passes, wgsl } = plan;
  const bindings = new Bindings();
  const slots: ProgramBinding[] = [];
  const bind = (from: ProgramBinding["from"], name: string, as: string, type: string): string => {
    slots.push({ from, name });
    return bindings.storage(from === "input" || from === "params" ? "read" : "read_write", `${as}: ${type}`);
  };
  const taken = new Set(input.plan.buffers.map(({ name }) => name));
  const head = [
    [input.plan, output.plan, ...scratch.map(({ of }) => of)].some(hasHalves) ? "enable f16;" : "",
    declareStructs([
      [input.type, input.plan],
      [output.type, output.plan],
    ]),
    bindings.uniform(`ringline_counts: array<vec4<u32>, ${countsBytes(plan) / 16}>`),
    input.plan.members.length > 0 ? bind("params", "", "params", input.type) : "",
    output.plan.members.length > 0 ? bind("result", "", "result", output.type) : "",
    ...input.plan.buffers.map(({ name, of }) => bind("input", name, name, `array<${wgslType(of)}>`)),
    ...output.plan.buffers.map(({ name, of }) =>
      bind("output", name, taken.has(name) ? `out_${name}` : name, `array<${wgslType(of)}>`),
    ),
    ...scratch.map(({ name, of }) => bind("scratch", name, name, `array<${wgslType(of)}>`)),
  ];
  const entries = passes.map(({ entry }, i) => (isWhole(wgsl, entry) ? entry : `ringline_pass_${i}`));
  const filled = passes.map(({ entry }, i) => (isWhole(wgsl, entry) ? entry : `ringline_filled_${i}`));
  const tail = passes.map(({ entry, workgroup }, i) => {
    if (isWhole(wgsl, entry)) return "";
    const begin = (name: string) =>
      `@compute @workgroup_size(${workgroup}) fn ${name}(@builtin(global_invocation_id) id: vec3u)`;
    return (
      `${begin(`ringline_pass_${i}`)} { let i = id.y * ${MOST_GROUPS_WIDE * workgroup}u + id.x; ` +
      `if (i < ringline_counts[${i >> 2}][${i & 3}]) { ${entry}(i); } } ` +
      `${begin(`ringline_filled_${i}`)} { ${entry}(id.x); }`
    );
  });
  return { ...assemble(head, wgsl, tail), bindings: bindings.kinds, slots, entries, filled };
}

/** True for an entry that the user has written as one, attributes and all. */
function isWhole(wgsl: string, entry: string): boolean {
  return new RegExp(`@compute[^;{}]*\\bfn\\s+${entry}\\s*\\(`).test(wgsl);
}
