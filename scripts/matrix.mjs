// The conformance suite for each combination of a backend and a runtime, and the table of them in the docs.
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { command } from "./lib/conformance.mjs";
import { root, run } from "./lib/process.mjs";
import { programOf, runtimes, workerd } from "./lib/runtimes.mjs";
import { setUp } from "./lib/setup.mjs";
import { finish } from "./lib/tally.mjs";
import { workerdTests } from "./lib/workerd.mjs";

const { values } = parseArgs({
  options: {
    help: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    law: { type: "string", multiple: true, default: [] },
    only: { type: "string", multiple: true, default: [] },
    keep: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(`Usage: node scripts/matrix.mjs [--only <text>]… [--law <number>]… [--keep] [--json]

Runs the conformance suite for each backend on each runtime: Node 20 to 26, Bun, Deno, workerd and Chromium, which npm brings.
  --only <text>   combinations with this text in their name, such as "in-process on Bun"
  --law <number>  cases of these laws
  --keep          writes the results to docs/matrix.json and draws the table of docs/install.md anew
  --json          prints the results as JSON
Exit code 0: all passed, 1: something failed.`);
  process.exit();
}

/**
 * @typedef {object} Row
 * @property {string} backend
 * @property {string} runtime with its version
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {readonly number[]} laws none: all
 * @property {string} date
 */

/** Combinations that a runtime cannot run. */
const REFUSED = [
  {
    backend: "worker-threads",
    runtime: "Deno",
    reason: "a message that was posted may not be there yet for `receiveMessageOnPort`, although shared memory says so",
  },
];
const RESULTS = `${root}docs/matrix.json`;
const PAGE = `${root}docs/install.md`;

await setUp();
const isWanted = (/** @type {string} */ name) =>
  values.only.length === 0 || values.only.some((text) => name.toLowerCase().includes(text.toLowerCase()));
const laws = values.law.map(Number);
/** @type {Row[]} */
const rows = [];
/** @type {string[]} */
const failures = [];
for (const runtime of runtimes) {
  for (const backend of ["in-process", "worker-threads"]) {
    if (!isWanted(`${backend} on ${runtime.name}`)) continue;
    const refused = REFUSED.find((one) => one.backend === backend && one.runtime === runtime.name);
    if (refused !== undefined) console.error(`not run: ${backend} on ${runtime.name}: ${refused.reason}`);
    else await measure(backend, runtime.name, () => suite(runtime, backend));
  }
}
if (isWanted(`in-process on ${workerd.name}`)) {
  await measure("in-process", workerd.name, async () => {
    const { failures: failed, ...tally } = await workerdTests(laws);
    failures.push(...failed);
    return { tally, version: workerd.name };
  });
}
for (const backend of ["in-process", "web-workers"]) {
  if (!isWanted(`${backend} on Chromium`)) continue;
  await measure(backend, "Chromium", async () => {
    const { browserTests, browserVersion } = await import("./lib/browser.mjs"); // it starts only where one is installed
    const tally = await browserTests(laws.length === 0 ? {} : { law: /** @type {any} */ (laws) }, [[backend]]);
    return { tally, version: `Chromium ${await browserVersion()}` };
  });
}
if (values.keep) keep();
if (values.json) console.log(JSON.stringify(rows, undefined, 2));
for (const failure of failures) console.error(failure);
if (values.json) process.exitCode = rows.some(({ failed }) => failed > 0) ? 1 : 0;
else finish(rows);

/**
 * @param {string} backend
 * @param {string} name
 * @param {() => Promise<{ tally: import("./lib/tally.mjs").Tally, version: string }>} tests
 */
async function measure(backend, name, tests) {
  let tally = { passed: 0, failed: 1, skipped: 0 };
  let version = name;
  try {
    ({ tally, version } = await tests());
  } catch (error) {
    failures.push(`${backend} on ${name}: ${error instanceof Error ? error.message : error}`);
  }
  const { passed, failed, skipped } = tally;
  rows.push({ backend, runtime: version, passed, failed, skipped, laws, date: new Date().toISOString().slice(0, 10) });
  console.error(
    `${failed === 0 ? "ok  " : "FAIL"} ${backend} on ${version}: ${passed} passed, ${failed} failed, ${skipped} skipped`,
  );
}

/** @param {import("./lib/runtimes.mjs").Runtime} runtime @param {string} backend */
async function suite(runtime, backend) {
  const program = await programOf(runtime);
  const { output: said } = await run(program, ["--version"], { stdout: "collect" });
  const version = `${runtime.name.split(" ")[0]} ${/\d+[.]\d+[.]\d+/.exec(said)?.[0]}`;
  const module = `packages/${backend}/conformance.mjs`;
  const args = [...runtime.args, command, module, "--json", ...laws.map((law) => `--law=${law}`)];
  const { output } = await run(program, args, { stdout: "collect", stderr: "collect" });
  const json = output.slice(output.lastIndexOf('{"interrupted"'));
  const tally = { passed: 0, failed: 0, skipped: 0 };
  for (const one of JSON.parse(json.slice(0, json.lastIndexOf("}") + 1)).backends) {
    tally.passed += one.passed;
    tally.failed += one.failed + one.notRun;
    tally.skipped += one.skipped.length;
    for (const failure of one.failures) failures.push(`${one.name} on ${version}: ${JSON.stringify(failure)}`);
  }
  return { tally, version };
}

/** New results take the places of older ones of the same backend and runtime. */
function keep() {
  /** @type {(row: Row) => string} */
  const keyOf = ({ backend, runtime }) => `${backend} on ${runtime.replace(/[.].*/, "")}`;
  const keyed = new Map([...JSON.parse(readFileSync(RESULTS, "utf8")), ...rows].map((row) => [keyOf(row), row]));
  const all = /** @type {Row[]} */ ([...keyed.values()]);
  writeFileSync(RESULTS, `${JSON.stringify(all, undefined, 2)}\n`);
  const lines = all.map(
    ({ backend, runtime, passed, failed, skipped, laws: some, date }) =>
      `| ${backend} | ${runtime} | ${some.length === 0 ? "all" : some.join(", ")} | ${passed} | ${failed} | ${skipped} | ${date} |`,
  );
  const head = [
    "| Backend | Runtime | Laws | Passed | Failed | Skipped | Date |",
    "| --- | --- | --- | ---: | ---: | ---: | --- |",
  ];
  const table = `<!-- matrix -->\n\n${[...head, ...lines].join("\n")}\n\n<!-- /matrix -->`;
  writeFileSync(
    PAGE,
    readFileSync(PAGE, "utf8").replace(/<!-- matrix -->[\s\S]*<!-- \/matrix -->/, () => table),
  );
}
