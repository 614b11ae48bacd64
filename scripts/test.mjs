// Unit tests on the sources, type tests, then the conformance suite on what was built, in Node and in a browser.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { atOnce } from "./lib/at-once.mjs";
import { backendSuites, command, exampleModules, natsModule } from "./lib/conformance.mjs";
import { keepBusy } from "./lib/load.mjs";
import { useNatsServer } from "./lib/nats-server.mjs";
import { root, run, runInstalled } from "./lib/process.mjs";
import { setUp } from "./lib/setup.mjs";
import { useSoftwareGpu } from "./lib/software-gpu.mjs";
import { finish, format, sum } from "./lib/tally.mjs";

/** @typedef {import("./lib/tally.mjs").Tally} Tally */

if (process.argv.includes("--help")) {
  console.log(`Usage: npm test [-- [--busy] [<what Vitest takes>]]

Everything that must pass: the unit and property tests on the sources, the type tests, and the conformance suite on what
was built, in Node and in a browser. Arguments choose among the unit tests: npm test -- packages/core -t "law 4"

With arguments the others are left out. With --busy all that is chosen runs three times while two endless loops and a busy
disk run beside it: no test needs a quiet machine. Exit code 0: all passed, 1: something failed.`);
  process.exit();
}

const isBusy = process.argv.includes("--busy");
const chosen = process.argv.slice(2).filter((arg) => arg !== "--busy");
await setUp();
useSoftwareGpu();
const noServer = useNatsServer();
if (isBusy) keepBusy();
const tallies = [];
for (let round = 0; round < (isBusy ? 3 : 1); round++) tallies.push(...(await tests()));
finish(tallies);
if (isBusy) process.exit();

/** @returns {Promise<Tally[]>} */
async function tests() {
  if (chosen.length > 0) return [await unitTests()];
  // suites wait more than they compute, and go on beside the last and longest files of unit tests
  return atOnce(availableParallelism() + 1, [
    unitTests,
    typeTests,
    ...backendSuites.map(
      ([module, ...options]) =>
        () =>
          conformance(module, ...options),
    ),
    // a part of it: npm run conformance -- --examples runs all
    ...exampleModules.map((module) => () => conformance(module, "--law", "3")),
    browser,
  ]);
}

/** @returns {Promise<Tally>} */
async function unitTests() {
  const folder = mkdtempSync(join(tmpdir(), "ringline-test-"));
  try {
    const file = join(folder, "results.json");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const { code } = await runInstalled("vitest/vitest.mjs", ["run", ...reporters, ...chosen]);
    const tally = existsSync(file) ? countResults(JSON.parse(readFileSync(file, "utf8"))) : sum([]);
    // An error outside any test fails the run but counts nowhere.
    if (code !== 0 && tally.failed === 0) tally.failed = 1;
    return tally;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {any} results what Vitest's JSON reporter writes; a file that does not load counts there as no test
 * @returns {Tally}
 */
function countResults(results) {
  const unloaded = results.testResults.filter(
    (/** @type {any} */ file) => file.status === "failed" && file.assertionResults.length === 0,
  );
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + unloaded.length,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}

/**
 * Each file of packages/core/test/types is one test: it compiles, and what must not compile in it does not.
 * @returns {Promise<Tally>}
 */
async function typeTests() {
  const folder = "packages/core/test/types";
  if (!existsSync(root + folder)) return sum([]);
  const files = readdirSync(root + folder).filter((name) => name.endsWith(".ts"));
  const args = ["-p", "packages/core/tsconfig.types.json", "--pretty", "false"];
  const { code, output } = await runInstalled("typescript/bin/tsc", args, { stdout: "collect" });
  const failing = files.filter((name) => output.includes(`${folder}/${name}(`)).length;
  const failed = code === 0 ? 0 : Math.max(failing, 1);
  const tally = { passed: Math.max(files.length - failed, 0), failed, skipped: 0 };
  console.log(`${output}Type tests: ${format(tally)}`);
  return tally;
}

/**
 * @param {string} module
 * @param {...string} options
 * @returns {Promise<Tally>}
 */
async function conformance(module, ...options) {
  if (module === natsModule && noServer !== undefined) {
    console.log(`Conformance of ${[dirname(module), ...options].join(" ")} skipped: ${noServer}.`);
    return { passed: 0, failed: 0, skipped: 1 };
  }
  const args = [command, module, ...options, "--json"];
  const { code, output } = await run(process.execPath, args, { stdout: "collect" });
  const backends = backendsOf(output) ?? [{ passed: 0, failed: 1, skipped: [], slow: [] }];
  const tally = sum(backends.map((one) => ({ ...one, skipped: one.skipped.length })));
  if (code !== 0 && tally.failed === 0) tally.failed = 1;
  if (tally.failed > 0) console.log(output);
  for (const one of backends.flatMap(({ slow }) => slow))
    console.log(`slow: law ${one.law}: ${one.case}: ${one.message}`);
  console.log(`Conformance of ${[dirname(module), ...options].join(" ")}: ${format(tally)}`);
  return tally;
}

/** @returns {Promise<Tally>} */
async function browser() {
  /** @type {Tally} */
  let tally = { passed: 0, failed: 1, skipped: 0 };
  try {
    const { browserTests } = await import("./lib/browser.mjs");
    tally = await browserTests();
  } catch (error) {
    console.error(error);
  }
  console.log(`Conformance in a browser: ${format(tally)}`);
  return tally;
}

/**
 * @param {string} json what `ringline-conformance --json` prints
 * @returns {any[] | undefined} undefined where there is none, as the command broke down
 */
function backendsOf(json) {
  try {
    return JSON.parse(json).backends;
  } catch {
    return undefined;
  }
}
