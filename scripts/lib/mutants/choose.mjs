import { execFileSync } from "node:child_process";
import { root } from "../process.mjs";
import { keyOf } from "./instrument.mjs";

/** @typedef {import("./instrument.mjs").Mutant} Mutant */

/**
 * So many of them by chance: the same ones for the same seed and code.
 * @param {readonly Mutant[]} mutants @param {number} count @param {number} seed
 */
export function sampleOf(mutants, count, seed) {
  const rest = [...mutants].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
  return Array.from(
    { length: Math.min(count, rest.length) },
    () => /** @type {Mutant} */ (rest.splice(Math.floor(random() * rest.length), 1)[0]),
  );
}

/** Files that differ from a branch or commit, with those that are not committed. @param {string} base */
export function changedSince(base) {
  const git = (/** @type {string[]} */ ...args) =>
    execFileSync("git", args, { cwd: root, encoding: "utf8" }).split("\n");
  return new Set([
    ...git("diff", "--name-only", "--merge-base", base),
    ...git("ls-files", "--others", "--exclude-standard"),
  ]);
}
