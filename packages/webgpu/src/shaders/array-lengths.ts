import { wrong } from "./pass-text.js";
import { closing, lineAt, placeIn, type UserText } from "./wgsl-text.js";

/** The variable that holds the number of elements of each array, by its name. */
export const LENGTHS = "ringline_n";

/**
 * The text with `arrayLength(&name)` replaced by the number of elements that the array has: a binding has room for one
 * element at least, so that the function of WGSL says 1 of an empty array. What is replaced is padded, so that everything
 * else stays where it is. Throws `INVALID_ARGUMENT` for a pointer that may be to any array.
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
    const covered = blanks.slice(0, place.length).replaceAll(" ", ""); // breaks of lines stay
    out += code.slice(from, index) + place + covered + blanks.slice(place.length);
    from = end + 1;
  }
  return { text: { ...text, code: out + code.slice(from) }, hasLengths: from > 0 };
}

/** The array that an argument of `arrayLength` points to. */
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
