import ts from "typescript";
import { replacementsOf } from "./operators.mjs";

/**
 * @typedef {object} Mutant one small fault
 * @property {number} id
 * @property {string} package
 * @property {string} file
 * @property {number} line
 * @property {string} operator
 * @property {string} in the class member, function or constant around it
 * @property {string} was
 * @property {string} becomes
 * @property {number} nth among those that are alike, from 1
 */

/**
 * The name by which a mutant is known while the code around it changes and moves: no line, no file.
 * @param {Pick<Mutant, "package" | "in" | "was" | "becomes"> & { nth?: number }} mutant
 */
export const keyOf = (mutant) =>
  JSON.stringify([mutant.package, mutant.in, mutant.was, mutant.becomes, mutant.nth ?? 1]);

/**
 * Builds all mutants into one source: each place asks which one is active, so that one build serves all of them.
 * @param {{ package: string, file: string, source: string, firstId: number }} input
 * @returns {{ code: string, mutants: Mutant[] }}
 */
export function instrument({ package: name, file, source, firstId }) {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  /** @type {Mutant[]} */
  const mutants = [];
  /** @type {Map<string, number>} */
  const alike = new Map();
  const textOf = (/** @type {ts.Node} */ node) => source.slice(node.getStart(tree), node.end);

  /** @param {ts.Node} node */
  function render(node) {
    if (isTypeOnly(node)) return textOf(node);
    let text = "";
    let at = node.getStart(tree);
    ts.forEachChild(node, (child) => {
      text += source.slice(at, child.getStart(tree)) + render(child);
      at = child.end;
    });
    text += source.slice(at, node.end);
    const made = replacementsOf(node, textOf).map(({ operator, text: becomes }) => ({
      id: add(node, operator, becomes),
      becomes,
    }));
    if (made.length === 0) return text;
    if (ts.isStatement(node)) return `{ if (!__mutant(${made[0]?.id})) ${text} }`;
    return made.reduce((rest, { id, becomes }) => `(__mutant(${id}) ? (${becomes}) : ${rest})`, text);
  }

  /** @type {(node: ts.Node, operator: string, becomes: string) => number} */
  function add(node, operator, becomes) {
    const id = firstId + mutants.length;
    const { line } = tree.getLineAndCharacterOfPosition(node.getStart(tree));
    const mutant = { package: name, in: symbolOf(node, tree), was: flat(textOf(node)), becomes: flat(becomes), nth: 1 };
    const key = keyOf(mutant);
    mutant.nth = (alike.get(key) ?? 0) + 1;
    alike.set(key, mutant.nth);
    mutants.push({ id, file, line: line + 1, operator, ...mutant });
    return id;
  }

  const body = render(tree);
  const head = source.slice(0, tree.getStart(tree));
  return { code: mutants.length === 0 ? source : `${PROLOGUE}\n${head}${body}`, mutants };
}

/** One function for all files, threads and packages: notes that a place was reached, and tells whether its fault is wanted. */
const PROLOGUE = `const __mutant = globalThis.__ringlineMutant ??= ((env, threads) => {
  const active = Number(env?.RINGLINE_MUTANT ?? -1);
  const hits = threads?.getEnvironmentData("ringline-hits") ?? new Uint8Array(2 ** 16);
  return Object.assign((id) => { hits[id] = 1; return id === active; }, { hits });
})(globalThis.process?.env, globalThis.process?.getBuiltinModule?.("node:worker_threads"));
`.replaceAll("\n", " ");

const flat = (/** @type {string} */ text) => text.replace(/\s+/g, " ");

/** @param {ts.Node} node */
const isTypeOnly = (node) =>
  ts.isTypeNode(node) ||
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node) ||
  ts.isImportDeclaration(node) ||
  ts.isEnumDeclaration(node) ||
  (ts.canHaveModifiers(node) &&
    ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword) === true);

/** @param {ts.Node} node @param {ts.SourceFile} tree @returns {string} such as "MemoryPort.#push" */
function symbolOf(node, tree) {
  /** @type {string[]} */
  const names = [];
  for (let one = node.parent; one !== undefined; one = one.parent) {
    const isNamed =
      ts.isClassLike(one) ||
      ts.isClassElement(one) ||
      ts.isFunctionDeclaration(one) ||
      (ts.isVariableDeclaration(one) && ts.isSourceFile(one.parent.parent.parent));
    if (!isNamed) continue;
    const name = /** @type {ts.NamedDeclaration} */ (one).name?.getText(tree);
    names.unshift(ts.isConstructorDeclaration(one) ? "constructor" : (name ?? "default"));
  }
  return names.join(".") || "module";
}
