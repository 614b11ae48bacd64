import { wrong } from "./pass-text.js";
import { closing, lineAt, placeIn, type UserText } from "./wgsl-text.js";

/** Variable that holds the number of elements of each array, by name. */
export const LENGTHS = "ringline_n";

/**
 * Replaces `arrayLength(&name)` by the actual number of elements: a binding holds at least one element, so that WGSL
 * reports 1 for an empty array. Replacements are padded, so that other text keeps its position. Throws
 * `INVALID_ARGUMENT` for a pointer whose array is unknown.
 */
export function withLengths(
  text: UserText,
  arrays: readonly string[],
): { readonly text: UserText; readonly hasLengths: boolean } {
  const { code, wgsl } = text;
  let [out, from] = ["", 0];
  for (const { 0: head, index } of code.matchAll(/\barrayLength\s*\(/g)) {
    const end = closing(code, index + head.length, "(", ")");
    const argument = code
      .slice(index + head.length, end)
      .trim()
      .replace(/,$/, "")
      .trim();
    const name = arrayOf(argument, code, arrays);
    if (name === undefined) {
      const known = arrays.join(", ") || "there is none";
      const remedy = `${placeIn(wgsl, index)}: write arrayLength(&name) with the name of an array: ${known}.`;
      throw wrong("wgsl", lineAt(wgsl, index), remedy);
    }
    const place = `${LENGTHS}.${name}`;
    const blanks = code.slice(index, end + 1).replace(/[^\n\v\f\r\u0085\u2028\u2029]/g, " ");
    const covered = blanks.slice(0, place.length).replaceAll(" ", ""); // line breaks stay
    out += code.slice(from, index) + place + covered + blanks.slice(place.length);
    from = end + 1;
  }
  return { text: { ...text, code: out + code.slice(from) }, hasLengths: from > 0 };
}

/** Array that an argument of `arrayLength` points to. */
function arrayOf(argument: string, code: string, arrays: readonly string[]): string | undefined {
  const direct = /^\(*\s*&\s*\(*\s*(\w+)\s*\)*$/.exec(argument)?.[1];
  if (direct !== undefined) return arrays.includes(direct) ? direct : undefined;
  if (!/^\w+$/.test(argument)) return undefined;
  const isParameter = new RegExp(`\\b${argument}\\s*:\\s*ptr\\b[^=]*[,)]`).test(code);
  const targets = new Set(
    [...code.matchAll(new RegExp(`\\blet\\s+${argument}\\s*(?::[^=;]*)?=\\s*&\\s*(\\w+)\\s*;`, "g"))].map(
      ([, name]) => name,
    ),
  );
  const [target] = targets;
  return !isParameter && targets.size === 1 && arrays.includes(target as string) ? target : undefined;
}
