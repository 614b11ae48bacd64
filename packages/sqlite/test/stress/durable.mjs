// Programs of a durable flow in an SQLite file are killed at random moments, their disk is full, their file is cut. Each input
// must count once, whatever happens, and a file that is not whole must be refused or recovered.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadDriver } from "./limit-pages.mjs";
import { cutFile, fillDisk, killPrograms, workIn } from "./trials.mjs";

const { values } = parseArgs({
  options: {
    durable: { type: "boolean" },
    kills: { type: "string", default: "200" },
    disks: { type: "string", default: "20" },
    cuts: { type: "string", default: "20" },
    seed: { type: "string" },
  },
});
const [KILLS, DISKS, CUTS] = [Number(values.kills), Number(values.disks), Number(values.cuts)];
const SEED = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
if (![KILLS, DISKS, CUTS, SEED].every((number) => Number.isSafeInteger(number) && number >= 0)) {
  console.error("--kills, --disks, --cuts and --seed take whole numbers.");
  process.exit(2);
}
await loadDriver().catch(() => {
  console.error("There is no SQLite here: use Node 22.13 or later, or install better-sqlite3.");
  process.exit(2);
});

let state = SEED | 0;
/** Mulberry32 */
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let mix = Math.imul(state ^ (state >>> 15), 1 | state);
  mix = (mix + Math.imul(mix ^ (mix >>> 7), 61 | mix)) ^ mix;
  return ((mix ^ (mix >>> 14)) >>> 0) / 2 ** 32;
}

const folder = mkdtempSync(join(tmpdir(), "ringline-durable-"));
/** @type {string[]} */
const faults = [];
const begin = performance.now();
const tell = (/** @type {string} */ text) =>
  console.error(`${((performance.now() - begin) / 1000).toFixed(0)} s: ${text}, ${faults.length} faults`);

/** @param {string} what @param {number} trials @param {(trial: number) => Promise<{ faults: readonly string[], how: string }>} run */
async function repeat(what, trials, run) {
  /** @type {Record<string, number>} */
  const ways = {};
  for (let trial = 0; trial < trials; trial++) {
    const { faults: found, how } = await run(trial);
    faults.push(...found.map((fault) => `${what} ${trial}: ${fault}`));
    ways[how] = (ways[how] ?? 0) + 1;
    if (trial % 10 === 9) tell(`${trial + 1} ${what}`);
  }
  const told = Object.entries(ways).map(([way, times]) => `${times} ${way}`);
  console.log(`${trials} ${what}: ${told.join(", ") || "none"}`);
}

console.error(`seed ${SEED}`);
if (KILLS > 0) {
  const { faults: found, ...figures } = await killPrograms(
    workIn(folder, "killed", 100 * (KILLS + 1)),
    KILLS,
    random,
    tell,
  );
  faults.push(...found);
  console.log(`${KILLS} kills: ${JSON.stringify(figures)}`);
}
await repeat("full disks", DISKS, (trial) => fillDisk(workIn(folder, `full-${trial}`, 1500), random));
await repeat("cut files", CUTS, (trial) => cutFile(workIn(folder, `cut-${trial}`, 1500), random));
for (const fault of faults) console.log(`FAULT ${fault}`);
console.log(`${faults.length === 0 ? "All is well" : `${faults.length} faults`}: seed ${SEED}.`);
if (faults.length === 0) rmSync(folder, { recursive: true });
else console.log(`Files are in ${folder}.`);
process.exit(faults.length > 0 ? 1 : 0);
