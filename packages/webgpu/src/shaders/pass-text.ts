import { errors } from "@ringline/core";
import type { PassPlan, Sizes } from "@ringline/core/internal";
import { closing, type WgslFunction } from "./wgsl-text.js";

/** Default number of invocations per workgroup, by the number of dimensions. */
const LANES: Readonly<Record<1 | 2 | 3, Sizes>> = { 1: [64, 1, 1], 2: [8, 8, 1], 3: [4, 4, 4] };

/** A pass, as found in the text of its kernel. */
export interface PassText {
  readonly entry: string;
  /** Lanes of a workgroup, in each dimension and in all. */
  readonly workgroup: Sizes;
  readonly lanes: number;
  /** Dimensions in which the function of the pass gets its place. */
  readonly dimensions: 1 | 2 | 3;
  /** True if the user wrote an entry point, with attributes. */
  readonly isWhole: boolean;
  /** True if the pass gets the number of its run. */
  readonly isStepped: boolean;
  /** True if the pass finds its element in a row of workgroups: they have one dimension, or it asks for its workgroup. */
  readonly isLinear: boolean;
  /**
   * True if the pass may have several rows of workgroups: an entry point of the user that does not read their number
   * would miss rows.
   */
  readonly hasRows: boolean;
  /** Arrays that no code reads, and of which the pass writes an element for each index. */
  readonly fills: ReadonlySet<string>;
}

/** Finds a pass. Throws `INVALID_ARGUMENT` if the text lacks the entry, or its workgroups have another size. */
export function passText(
  { entry, workgroup, count }: PassPlan,
  code: string,
  functions: ReadonlyMap<string, WgslFunction>,
  arrays: readonly string[],
  constants: Readonly<Record<string, number>>,
): PassText {
  const found = functions.get(entry);
  if (found === undefined) {
    const known = [...functions.keys()].join(", ") || "none";
    throw wrong("passes.entry", entry, `The text has no function "${entry}"; its functions are: ${known}.`);
  }
  const { attributes, parameters } = found;
  const fills = filledBy(found, code, arrays);
  if (!/@\s*compute\b/.test(attributes)) {
    const isStepped = parameters.split(",").filter((one) => one.trim() !== "").length > 1;
    const vector = /^\s*\w+\s*:\s*vec([23])(?:u|\s*<\s*u32\s*>)/.exec(parameters);
    const dimensions = vector === null ? 1 : (Number(vector[1]) as 2 | 3);
    const size = workgroup ?? LANES[dimensions];
    const lanes = size[0] * size[1] * size[2];
    const flat = dimensions === 1 ? ([lanes, 1, 1] as const) : size;
    return {
      entry,
      workgroup: flat,
      lanes,
      dimensions,
      isWhole: false,
      isStepped,
      isLinear: true,
      hasRows: true,
      fills,
    };
  }
  const size = sizesIn(entry, attributes, code, constants);
  const lanes = size[0] * size[1] * size[2];
  if (workgroup !== undefined && workgroup.join() !== size.join() && workgroup.join() !== `${lanes},1,1`) {
    const remedy = `"${entry}" has @workgroup_size of ${lanes} lanes: give the pass the same, or leave \`workgroup\` out.`;
    throw wrong("passes.workgroup", workgroup, remedy);
  }
  if (count !== undefined) {
    const remedy = `"${entry}" cannot know how many elements the counter gave: let it be fn ${entry}(i: u32).`;
    throw wrong("passes.count", count, remedy);
  }
  const asks = (builtins: string) => new RegExp(`@\\s*builtin\\s*\\(\\s*(${builtins})\\b`).test(parameters);
  const hasRows = asks("num_workgroups|workgroup_index|global_invocation_index");
  const isLinear = size[0] === lanes || asks("local_invocation_index|global_invocation_index|workgroup_id");
  const rest = { isWhole: true, isStepped: false, fills: new Set<string>() };
  return { entry, workgroup: size, lanes, dimensions: 1, isLinear, hasRows, ...rest };
}

/** Workgroup size in the attributes of an entry point. */
function sizesIn(entry: string, attributes: string, code: string, constants: Readonly<Record<string, number>>): Sizes {
  const head = /@\s*workgroup_size\s*\(/.exec(attributes);
  const begin = head === null ? 0 : head.index + head[0].length;
  const text = head === null ? "" : attributes.slice(begin, closing(attributes, begin, "(", ")"));
  const given = text.split(",").filter((size) => size.trim() !== "");
  const [x, y = 1, z = 1] = given.map((size) => constants[size.trim()] ?? numberIn(size.trim(), code) ?? 0);
  if (x !== undefined && x * y * z > 0) return [x, y, z];
  const remedy = `Write @workgroup_size of "${entry}" with numbers, or with constants that are numbers.`;
  throw wrong("passes.entry", `@workgroup_size(${text.trim()})`, remedy);
}

const NUMBER = /^(0[xX][0-9a-fA-F]+|\d+)[iu]?$/;

/** Value of a literal, or of a constant that is declared as one. */
function numberIn(text: string, code: string): number | undefined {
  const literal = NUMBER.exec(text);
  if (literal !== null) return Number(literal[1]);
  if (!/^\w+$/.test(text)) return undefined;
  const declared = new RegExp(`\\b(?:const|override)\\s+${text}\\s*(?::\\s*\\w+\\s*)?=\\s*(\\w+)\\s*;`).exec(code);
  const value = declared === null ? null : NUMBER.exec(declared[1] as string);
  return value === null ? undefined : Number(value[1]);
}

/**
 * Arrays that occur only once in the text, where the function unconditionally assigns element `i`: their previous
 * content is not visible, so that they need not be cleared.
 */
function filledBy({ parameters, body }: WgslFunction, code: string, arrays: readonly string[]): ReadonlySet<string> {
  const index = /^\s*(\w+)\s*:\s*u32\s*,?\s*$/.exec(parameters)?.[1];
  if (index === undefined || /\b(return|discard)\b/.test(body)) return new Set();
  const statements = outermost(body);
  return new Set(
    arrays.filter((name) => {
      const assigned = new RegExp(`(?:^|[;}])\\s*${name}\\s*\\[\\s*${index}\\s*\\]\\s*=(?!=)`);
      return assigned.test(statements) && [...code.matchAll(new RegExp(`\\b${name}\\b`, "g"))].length === 1;
    }),
  );
}

/** Text outside brackets, with the ends of its blocks. */
function outermost(body: string): string {
  let [out, depth] = ["", 0];
  for (const character of body) {
    if (character === "{" || character === "(") depth++;
    if (depth === 0 || (depth === 1 && character === "}")) out += character;
    if (character === "}" || character === ")") depth--;
  }
  return out;
}

export function wrong(argument: string, value: unknown, remedy: string) {
  return new errors.INVALID_ARGUMENT({ argument, value }, { remedy });
}
