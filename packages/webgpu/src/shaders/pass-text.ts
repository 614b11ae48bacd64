import { errors } from "@ringline/core";
import type { PassPlan } from "@ringline/core/internal";
import { closing, type WgslFunction } from "./wgsl-text.js";

/** Default number of invocations per workgroup. */
const LANES = 64;

/** A pass, as found in the text of its kernel. */
export interface PassText {
  readonly entry: string;
  readonly workgroup: number;
  /** True if the user wrote an entry point, with attributes. */
  readonly isWhole: boolean;
  /** True if the pass gets the number of its run. */
  readonly isStepped: boolean;
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
  { entry, workgroup }: PassPlan,
  code: string,
  functions: ReadonlyMap<string, WgslFunction>,
  arrays: readonly string[],
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
    return { entry, workgroup: workgroup ?? LANES, isWhole: false, isStepped, hasRows: true, fills };
  }
  const [x, y, z] = sizesOf(entry, attributes, code);
  const outputQueues = x * y * z;
  if (workgroup !== undefined && workgroup !== outputQueues) {
    const remedy = `"${entry}" has @workgroup_size of ${outputQueues} lanes: give the pass the same, or leave \`workgroup\` out.`;
    throw wrong("passes.workgroup", workgroup, remedy);
  }
  const asks = (builtins: string) => new RegExp(`@\\s*builtin\\s*\\(\\s*(${builtins})\\b`).test(parameters);
  if (x !== outputQueues && !asks("local_invocation_index|global_invocation_index|workgroup_id")) {
    const remedy = `The workgroups of a pass are one-dimensional. Those of "${entry}" are not: let it find its element by \
@builtin(workgroup_id) and @builtin(local_invocation_index), or be ${outputQueues} lanes wide.`;
    throw wrong("passes.entry", `@workgroup_size(${x}, ${y}, ${z})`, remedy);
  }
  const hasRows = asks("num_workgroups|workgroup_index|global_invocation_index");
  return { entry, workgroup: outputQueues, isWhole: true, isStepped: false, hasRows, fills: new Set() };
}

/** Workgroup size in the attributes of an entry point. */
function sizesOf(entry: string, attributes: string, code: string): readonly [number, number, number] {
  const head = /@\s*workgroup_size\s*\(/.exec(attributes);
  const begin = head === null ? 0 : head.index + head[0].length;
  const text = head === null ? "" : attributes.slice(begin, closing(attributes, begin, "(", ")"));
  const given = text.split(",").filter((size) => size.trim() !== "");
  const [x, y = 1, z = 1] = given.map((size) => numberIn(size.trim(), code) ?? 0);
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
