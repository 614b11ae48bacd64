import { errors } from "@ringline/core";
import type { PassPlan } from "@ringline/core/internal";
import { closing, type WgslFunction } from "./wgsl-text.js";

/** Lanes of a workgroup where nobody says. */
const LANES = 64;

/** A pass as the text of its kernel has it. */
export interface PassText {
  readonly entry: string;
  readonly workgroup: number;
  /** Written by the user as an entry point, attributes and all. */
  readonly isWhole: boolean;
  /** True if the pass gets the number of its run. */
  readonly isStepped: boolean;
  /** May have more than one row of workgroups: a whole entry point that does not ask for their number would miss them. */
  readonly hasRows: boolean;
  /** Arrays that nothing reads, and that it gives an element for each number that it is called with. */
  readonly fills: ReadonlySet<string>;
}

/** Throws `INVALID_ARGUMENT` for an entry that the text does not have, or whose workgroups have another size. */
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

/** The size of a workgroup by the attribute of an entry point. */
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

/** A literal, or a constant that is declared as one. */
function numberIn(text: string, code: string): number | undefined {
  const literal = NUMBER.exec(text);
  if (literal !== null) return Number(literal[1]);
  if (!/^\w+$/.test(text)) return undefined;
  const declared = new RegExp(`\\b(?:const|override)\\s+${text}\\s*(?::\\s*\\w+\\s*)?=\\s*(\\w+)\\s*;`).exec(code);
  const value = declared === null ? null : NUMBER.exec(declared[1] as string);
  return value === null ? undefined : Number(value[1]);
}

/**
 * The arrays that stand in the whole text once, where the function gives element `i` a value whatever happens: nobody can
 * see what was in them before, so that they need not be cleared.
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

/** A text without what is in brackets, but for the ends of its blocks. */
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
