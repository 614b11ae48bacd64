/** WGSL text of the user. */
export interface UserText {
  readonly wgsl: string;
  /** The text with comments and directives replaced by blanks, so that positions stay the same. */
  readonly code: string;
  /** Directives, such as `enable …;`, which must be at the start of a shader. */
  readonly directives: readonly string[];
}

/** A function in a text. */
export interface WgslFunction {
  /** Attributes before `fn`. */
  readonly attributes: string;
  readonly parameters: string;
  readonly body: string;
}

const BREAK = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/;
const blank = (text: string) => text.replace(/[^\n\v\f\r\u0085\u2028\u2029]/g, " ");

/** Lines of a text, as WGSL counts them. */
export const linesOf = (text: string): string[] => text.split(BREAK);

/** Line and column of a character, both from 1. */
export function placeIn(text: string, at: number): string {
  const before = linesOf(text.slice(0, at));
  return `line ${before.length}, column ${(before.at(-1) as string).length + 1}`;
}

/** Line that contains a character. */
export const lineAt = (text: string, at: number): string =>
  linesOf(text)[linesOf(text.slice(0, at)).length - 1]?.trim() ?? "";

/** Splits a text. `hasHalves`: true if its structs contain halves, which a shader must enable. */
export function userText(wgsl: string, hasHalves: boolean): UserText {
  let code = withoutComments(wgsl);
  const directives = hasHalves ? ["enable f16;"] : [];
  for (;;) {
    const found = /^\s*((?:enable|requires|diagnostic)\b[^;]*;)/.exec(code);
    if (found === null) return { wgsl, code, directives };
    directives.push(found[1] as string);
    const { length } = found[0];
    code = blank(code.slice(0, length)) + code.slice(length);
  }
}

const OUTSIDE = /\/\*|\/\/[^\n\v\f\r\u0085\u2028\u2029]*/g;
const INSIDE = /\/\*|\*\//g;

/** Replaces comments by blanks; block comments nest. */
function withoutComments(text: string): string {
  let [out, at, depth] = ["", 0, 0];
  for (;;) {
    const marks = depth === 0 ? OUTSIDE : INSIDE;
    marks.lastIndex = at;
    const found = marks.exec(text);
    const end = found === null ? text.length : found.index;
    out += depth === 0 ? text.slice(at, end) : blank(text.slice(at, end));
    if (found === null) return out;
    const [mark] = found;
    out += blank(mark);
    at = end + mark.length;
    if (mark === "/*") depth++;
    else if (mark === "*/") depth--;
  }
}

/** Functions that a text without comments declares, by name. */
export function functionsIn(code: string): ReadonlyMap<string, WgslFunction> {
  const found = new Map<string, WgslFunction>();
  for (const { 0: head, 1: name, index } of code.matchAll(/\bfn\s+([_\p{XID_Start}]\p{XID_Continue}*)\s*\(/gu)) {
    const begin = index + head.length;
    const close = closing(code, begin, "(", ")");
    const open = code.indexOf("{", close);
    if (open < 0) continue;
    const before = code.slice(0, index);
    const attributes = before.slice(Math.max(before.lastIndexOf(";"), before.lastIndexOf("}")) + 1);
    const body = code.slice(open + 1, closing(code, open + 1, "{", "}"));
    found.set(name as string, { attributes, parameters: code.slice(begin, close), body });
  }
  return found;
}

/** Index of the bracket that closes the one opened before `from`; the end of the text if there is none. */
export function closing(code: string, from: number, opening: string, end: string): number {
  let depth = 1;
  for (let at = from; at < code.length; at++) {
    if (code[at] === opening) depth++;
    else if (code[at] === end && --depth === 0) return at;
  }
  return code.length;
}
