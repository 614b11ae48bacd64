// Checks the models of what threads share, in packages/remote/models, by Spin: each must hold, and each planted fault must
// be found. Prints a line for each, and a total.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { debianProgram, runs } from "./lib/debian-program.mjs";

const models = fileURLToPath(new URL("../packages/remote/models", import.meta.url));

/** @type {readonly (readonly [model: string, faults: readonly string[]])[]} */
const FAULTS = [
  ["account", ["COUNTS_FIRST", "LOST_AGAIN", "TWICE"]],
  ["bell", ["NO_RING_CHECK"]],
  ["parked", ["LOOK_FIRST"]],
];

const spin = runs("spin", "-V") ? "spin" : debianProgram("spin", "usr/bin/spin");
const total = { passed: 0, failed: 0, skipped: 0 };
const missing = !runs(spin, "-V") ? "Spin" : !runs("gcc", "--version") ? "a C compiler" : undefined;

/**
 * @param {string} model
 * @param {string | undefined} fault
 * @returns {{ errors: number | undefined, states: string }} no number where it did not run
 */
function check(model, fault) {
  const cwd = mkdtempSync(join(tmpdir(), "ringline-model-"));
  try {
    spawnSync(spin, [...(fault === undefined ? [] : [`-D${fault}`]), "-a", join(models, `${model}.pml`)], { cwd });
    spawnSync("gcc", ["-O1", "-w", "-DNFAIR=4", "-o", "pan", "pan.c"], { cwd });
    const { stdout } = spawnSync(`${cwd}/pan`, ["-a", "-f", "-m1000000"], { cwd, encoding: "utf8" });
    const errors = /errors: (\d+)/.exec(stdout ?? "")?.[1];
    const isWhole = !/max search depth too small/.test(stdout ?? "");
    const states = /(\d+) states, stored/.exec(stdout ?? "")?.[1] ?? "?";
    return { errors: errors === undefined || !isWhole ? undefined : Number(errors), states };
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

for (const [model, faults] of FAULTS) {
  for (const fault of [undefined, ...faults]) {
    const name = fault === undefined ? model : `${model} with the fault ${fault}`;
    if (missing !== undefined) {
      total.skipped++;
      console.log(`skipped ${name}: there is no ${missing}`);
      continue;
    }
    const { errors, states } = check(model, fault);
    const isRight = errors !== undefined && errors > 0 === (fault !== undefined);
    total[isRight ? "passed" : "failed"]++;
    const found = errors === undefined ? "it did not run" : errors > 0 ? "an error was found" : "it holds";
    console.log(`${isRight ? "ok" : "FAIL"} ${name}: ${found}, ${states} states`);
  }
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 || (missing !== undefined && process.env["CI"]) ? 1 : 0;
