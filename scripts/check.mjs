// Everything about the code that needs no running of it: style, types, boundaries, unused parts, and what would be published.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { atOnce } from "./lib/at-once.mjs";
import { root, run, runInstalled } from "./lib/process.mjs";
import { setUp } from "./lib/setup.mjs";
import { finish } from "./lib/tally.mjs";

if (process.argv.includes("--help")) {
  console.log(`Usage: npm run check

Format and lint, types, import boundaries and cycles, drawings of the docs, words of comments and pages, spelling, unused parts, the API reference, and what would be
published of each package. Prints a line a step. Exit code 0: all is well, 1: something is not.`);
  process.exit();
}

/** @typedef {{ name: string, run: () => Promise<import("./lib/process.mjs").Result> }} Step */

const packages = readdirSync(`${root}packages`).map((name) => `packages/${name}`);

const collected = /** @type {const} */ ({ stdout: "collect", stderr: "collect" });

/** @type {Step[]} */
const steps = [
  step("format and lint", "@biomejs/biome/bin/biome", "ci", "--error-on-warnings", "--colors=off"),
  step("types: tests, scripts, apps, bench, docs, all sources", "typescript/bin/tsc", "-p", "."),
  // each package with the types of its own platforms alone; the fast compiler, as the step before has the oldest one
  ...packages.map((folder) =>
    step(`types: ${folder}`, "typescript-7/bin/tsc", "-p", folder, "--rootDir", ".", "--noEmit"),
  ),
  step(
    "import boundaries and cycles",
    "dependency-cruiser/bin/dependency-cruise.mjs",
    "packages",
    "apps",
    "bench",
    "docs",
  ),
  {
    name: "drawings of the docs are current",
    run: () => run(process.execPath, [`${root}scripts/drawings.mjs`, "--check"], collected),
  },
  { name: "words of comments and pages", run: () => run(process.execPath, [`${root}scripts/words.mjs`], collected) },
  step("spelling of pages", "cspell/bin.mjs", "lint", "--no-progress", "--no-summary", "--dot"),
  step("unused files, exports and dependencies", "knip/bin/knip.js", "--no-progress", "--no-config-hints"),
  step(
    "API reference, without warnings",
    "../docs/node_modules/typedoc/bin/typedoc",
    ...["--options", "docs/site/typedoc.json", "--emit", "none"],
  ),
  ...packages.map((folder) => ({ name: `what is published: ${folder}`, run: () => checkTarball(folder) })),
];

await setUp();
const tallies = await atOnce(
  availableParallelism(),
  steps.map((step) => () => tallyOf(step)),
);
finish(tallies);

/**
 * @param {Step} step
 * @returns {Promise<import("./lib/tally.mjs").Tally>}
 */
async function tallyOf({ name, run: check }) {
  const start = performance.now();
  const { code, output } = await check();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${code === 0 ? "ok  " : "FAIL"} ${name} (${seconds} s)`);
  if (code !== 0) console.log(output);
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

/**
 * A step that runs an installed program.
 * @param {string} name
 * @param {string} file below node_modules
 * @param {...string} args
 * @returns {Step}
 */
function step(name, file, ...args) {
  return { name, run: () => runInstalled(file, args, collected) };
}

/**
 * Packs a package as publishing would, then looks at the tarball: its exports, files and types.
 * @param {string} folder
 */
async function checkTarball(folder) {
  const temporary = mkdtempSync(join(tmpdir(), "ringline-pack-"));
  const tarball = join(temporary, "package.tgz");
  /** @type {(file: string, ...args: string[]) => ReturnType<typeof runInstalled>} */
  const collect = (file, ...args) => runInstalled(file, args, { cwd: root + folder, ...collected });
  try {
    const packed = await collect("pnpm/bin/pnpm.mjs", "pack", "--out", tarball);
    if (packed.code !== 0) return packed;
    const exports = await collect("publint/src/cli.js", "--strict", tarball);
    if (!("exports" in JSON.parse(readFileSync(`${root}${folder}/package.json`, "utf8")))) return exports; // a command
    // Entries beside "." cannot be found by the resolution of Node 10, which knows no "exports".
    const types = await collect("@arethetypeswrong/cli/dist/index.js", "--profile", "node16", "--no-color", tarball);
    return { code: exports.code || types.code, output: exports.output + types.output };
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
