// How much the tests notice: makes many small faults in the sources, one at a time, and counts those that no test fails for.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { atOnce } from "./lib/at-once.mjs";
import { changedSince, sampleOf } from "./lib/mutants/choose.mjs";
import { keyOf } from "./lib/mutants/instrument.mjs";
import { Mirror } from "./lib/mutants/mirror.mjs";
import { SuiteTests } from "./lib/mutants/suite-tests.mjs";
import { UnitTests } from "./lib/mutants/unit-tests.mjs";
import { root } from "./lib/process.mjs";
import { setUp } from "./lib/setup.mjs";

/** @typedef {import("./lib/mutants/instrument.mjs").Mutant} Mutant */
/** @typedef {{ mutant: Mutant, by: string | undefined }} Verdict `by`: the test that fails; undefined where all pass */

const text = /** @type {const} */ ({ type: "string" });
const flag = /** @type {const} */ ({ type: "boolean", default: false });
const { values } = parseArgs({
  options: {
    ...{ sample: text, seed: text, changed: text, jobs: text, files: { ...text, multiple: true } },
    ...{ json: flag, list: flag, help: { ...flag, short: "h" } },
  },
});
if (values.help) {
  console.log(`Usage: npm run mutants -- [options]

Makes one small fault after the other (a mutant) in packages/core, remote and worker-threads: another comparison, a condition negated, a
statement left out, "??" with one of its sides, a constant, an await left out. Then runs the tests that reach it, until one fails. A mutant
that survives shows what no test checks. All mutants are built at once, into a copy of the repository, and switched on one by one.
  --sample <n>      n of them by chance
  --seed <n>        which ones; default 1
  --files <text>    only in files with this text in their path; given again: with any of these texts
  --changed <base>  only in files that differ from this branch or commit
  --jobs <n>        so many at a time; default: one for each core
  --list            print the mutants instead of running tests
  --json            print the results as JSON
Core is judged by the suite of in-process and its own unit tests; remote and worker-threads by theirs and the suite on threads. A survivor
may still be seen by tests of another package.
The first run measures which test reaches what, which takes minutes and is kept until the code or the tests change. Survivors that change
nothing that a test could see are listed with their reasons in scripts/lib/mutants/equivalent.json.
Exit code 0: none survived, 1: one survived, or an entry of that list is stale, 130: interrupted.`);
  process.exit();
}

/** @type {(Parameters<typeof keyOf>[0] & { reason: string })[]} */
const equivalent = JSON.parse(readFileSync(new URL("lib/mutants/equivalent.json", import.meta.url), "utf8"));
const equivalentKeys = new Set(equivalent.map(keyOf));

await setUp();
const mirror = new Mirror();
const known = new Set(mirror.mutants.map(keyOf));
const stale = equivalent.filter((one) => !known.has(keyOf(one)));
const chosen = choose(mirror.mutants);
if (values.list) {
  for (const mutant of chosen) console.log(lineOf(mutant));
  process.exit();
}

say("Building the copy with its mutants …");
await mirror.build();
/** The tests that can see a mutant of a package, those that cost least first. */
const suites = {
  inProcess: new SuiteTests(mirror.folder, "packages/in-process/conformance.mjs", mirror.mutants.length),
  threads: new SuiteTests(mirror.folder, "packages/worker-threads/conformance.mjs", mirror.mutants.length),
};
const units = /** @type {(name: string) => UnitTests} */ ((name) => new UnitTests(mirror.folder, `packages/${name}`));
const [core, remote, threads] = [units("core"), units("remote"), units("worker-threads")];
/** @type {Readonly<Record<string, readonly (SuiteTests | UnitTests)[]>>} */
const testsOf = {
  "packages/core": [suites.inProcess, core],
  "packages/remote": [remote, suites.threads, threads],
  "packages/worker-threads": [suites.threads, threads],
};

/** @type {Verdict[]} */
const verdicts = [];
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
  // ahead of the one that ends this process
  process.prependListener(signal, () => {
    report();
    process.exit(130);
  });
}
for (const tests of new Set(chosen.flatMap((mutant) => testsOf[mutant.package] ?? []))) await measure(tests);
const start = performance.now();
await atOnce(
  Number(values.jobs ?? availableParallelism()),
  chosen.map((mutant) => () => judge(mutant)),
);
const hasFailed = report();
process.exit(hasFailed ? 1 : 0);

/** @param {readonly Mutant[]} all */
function choose(all) {
  const changed = values.changed === undefined ? undefined : changedSince(values.changed);
  const wanted = all.filter(
    (mutant) =>
      !equivalentKeys.has(keyOf(mutant)) &&
      (changed?.has(mutant.file) ?? true) &&
      (values.files?.some((part) => mutant.file.includes(part)) ?? true),
  );
  return values.sample === undefined ? wanted : sampleOf(wanted, Number(values.sample), Number(values.seed ?? 1));
}

/** @param {SuiteTests | UnitTests} tests */
async function measure(tests) {
  const own =
    tests instanceof UnitTests ? [`${tests.package}/test`] : ["packages/conformance/src", "packages/in-process/src"];
  const folder = `${root}node_modules/.cache/ringline`;
  const file = `${folder}/mutants-${tests.name.replaceAll(" ", "-")}-${mirror.hashOf(...own)}.json`;
  if (existsSync(file)) {
    tests.measured = JSON.parse(readFileSync(file, "utf8"));
    return;
  }
  say(`Measuring the ${tests.name} …`);
  await tests.measure((done, all) => done % 100 === 0 && say(`${done} of ${all}`));
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, JSON.stringify(tests.measured));
}

/** @param {Mutant} mutant */
async function judge(mutant) {
  /** @type {string | undefined} */
  let by;
  for (const tests of testsOf[mutant.package] ?? []) by ??= await tests.kill(mutant);
  verdicts.push({ mutant, by });
  const minutes = ((performance.now() - start) / 60_000).toFixed(1);
  say(
    `${verdicts.length} of ${chosen.length}, ${minutes} min: ${by === undefined ? `SURVIVED ${lineOf(mutant)}` : `killed by ${by}`}`,
  );
}

function report() {
  const survivors = verdicts.filter(({ by }) => by === undefined).map(({ mutant }) => mutant);
  const killed = verdicts.length - survivors.length;
  const percent = verdicts.length === 0 ? 100 : (100 * killed) / verdicts.length;
  if (values.json) {
    console.log(
      JSON.stringify({
        killed,
        survived: survivors.length,
        percent,
        notRun: chosen.length - verdicts.length,
        equivalent: equivalent.length,
        stale,
        verdicts,
      }),
    );
  } else {
    for (const mutant of survivors) console.log(`survived ${lineOf(mutant)}`);
    for (const one of stale)
      console.log(`stale    ${keyOf(one)}: no such mutant in scripts/lib/mutants/equivalent.json`);
    console.log(
      `${killed} of ${verdicts.length} killed (${percent.toFixed(1)}%), ${chosen.length - verdicts.length} not run`,
    );
  }
  return survivors.length + stale.length > 0;
}

/** @param {Mutant} mutant */
function lineOf({ file, line, in: place, operator, was, becomes, nth }) {
  const count = nth > 1 ? `, number ${nth}` : "";
  return `${file}:${line} ${place}${count}: ${operator}: ${short(was)} → ${becomes === "" ? "nothing" : short(becomes)}`;
}

/** @param {string} code */
function short(code) {
  return code.length > 120 ? `${code.slice(0, 117)}…` : code;
}

/** @param {string} line */
function say(line) {
  console.error(line);
}
