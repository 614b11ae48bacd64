import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Child } from "./children.mjs";

/** Milliseconds that files of tests may take beyond four times what they took without a mutant. */
const SLACK = 60_000;
/** Milliseconds for all of them without one. */
const LIMIT = 1_800_000;

/** Files of unit tests of a package as tests of mutants. Vitest stays loaded from one mutant to the next. */
export class UnitTests {
  /** Files that pass without any mutant, the quick ones first. @type {{ file: string, time: number, hits: Set<number> }[]} */
  #files = [];
  /** Each with Vitest loaded, for the next mutant. @type {Child[]} */
  #idle = [];
  #folder;
  package;

  /** @param {string} folder @param {string} name such as packages/core */
  constructor(folder, name) {
    this.#folder = folder;
    this.package = name;
    this.name = `unit tests of ${name.split("/")[1]}`;
  }

  /** Runs all files without a mutant, and notes what they reach. */
  async measure() {
    const hits = join(this.#folder, "hits", this.package);
    mkdirSync(hits, { recursive: true });
    const child = this.#start("all", { RINGLINE_HITS: hits });
    const { files } = await child.next(SLACK);
    child.send({ mutant: -1, files: files.filter((/** @type {string} */ file) => this.#isWanted(file)) });
    const { passed } = (await child.next(LIMIT)) ?? { passed: [] };
    child.kill();
    /** @type {Map<string, number[]>} */
    const reached = new Map();
    for (const name of readdirSync(hits)) {
      const { file, reached: ids } = JSON.parse(readFileSync(join(hits, name), "utf8"));
      reached.set(file, ids);
    }
    this.#files = passed.map((/** @type {any} */ one) => ({ ...one, hits: new Set(reached.get(one.file)) }));
    this.#files.sort((a, b) => a.time - b.time);
  }

  get measured() {
    return this.#files.map((one) => ({ ...one, file: one.file.slice(this.#folder.length), hits: [...one.hits] }));
  }

  set measured(files) {
    this.#files = files.map((one) => ({ ...one, file: this.#folder + one.file, hits: new Set(one.hits) }));
  }

  /** The file that kills the mutant; undefined where nothing does. @param {import("./instrument.mjs").Mutant} mutant @returns {Promise<string | undefined>} */
  async kill({ id }) {
    const seeing = this.#files.filter(({ hits }) => hits.has(id));
    const failed = await this.#firstFailure(id, seeing);
    if (failed === undefined) return undefined;
    // by themselves: the files before them leave something behind, and other programs make a test fail, too
    const certain = await this.#firstFailure(id, failed);
    return certain?.[0]?.file.slice(this.#folder.length + 1);
  }

  /** @type {(id: number, files: { file: string, time: number, hits: Set<number> }[]) => Promise<typeof files | undefined>} */
  async #firstFailure(id, files) {
    if (files.length === 0) return undefined;
    const child = this.#idle.pop() ?? (await this.#started());
    child.send({ mutant: id, files: files.map(({ file }) => file) });
    const result = await child.next(SLACK + 4 * files.reduce((sum, { time }) => sum + time, 0));
    if (result === undefined) {
      child.kill();
      return files;
    }
    this.#idle.push(child);
    const { failed } = /** @type {{ failed: string[] }} */ (result);
    return failed.length === 0 ? undefined : files.filter(({ file }) => failed.includes(file));
  }

  async #started() {
    const child = this.#start("until one fails", {});
    await child.next(SLACK);
    return child;
  }

  /** Only files of the package that run it: others start compilers, which see no mutant. @param {string} file */
  #isWanted(file) {
    if (!file.startsWith(join(this.#folder, this.package, "test"))) return false;
    return /from "(\.\.\/)+src\/|from "@ringline\//.test(readFileSync(file, "utf8"));
  }

  /** @param {"all" | "until one fails"} mode @param {Record<string, string>} env */
  #start(mode, env) {
    return new Child("units-process.mjs", [this.#folder, mode], { RINGLINE_PATIENCE: "0.4", ...env });
  }
}
