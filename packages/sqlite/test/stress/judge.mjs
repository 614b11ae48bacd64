import { existsSync, readFileSync } from "node:fs";

/** @typedef {readonly [id: string, of: readonly number[], sum: number, count: number]} Output */

const EVERY = 17;
const isBad = (/** @type {number} */ n) => n % EVERY === EVERY - 1;

/** Lines that programs have written whole. @param {string} file @returns {Output[]} */
export function readOutputs(file) {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

/**
 * Faults of what programs of one state have written until the last one ended: each good job in one output, each bad one a dead
 * letter, an id always with the same content, and the state exact. @param {string} file @param {number} count
 */
export function judge(file, count) {
  /** @type {string[]} */
  const faults = [];
  const all = readOutputs(file);
  const byId = /** @type {Map<string, Output>} */ (new Map());
  for (const output of all) {
    const before = byId.get(output[0]);
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(output)) {
      faults.push(`one id, two outputs: ${JSON.stringify(before)} and ${JSON.stringify(output)}`);
    }
    byId.set(output[0], output);
  }
  const outputs = [...byId.values()].sort((a, b) => a[3] - b[3]);
  faults.push(...chainFaults(outputs, 0, 0));
  faults.push(
    ...differences(
      "outputs",
      outputs.flatMap(([, of]) => of),
      count,
      (n) => !isBad(n),
    ),
  );
  const letters = /** @type {[kernelId: string, id: string, message: { n: number }][]} */ (
    JSON.parse(readFileSync(`${file}.letters`, "utf8"))
  );
  const ids = new Set(letters.map(([, id]) => id));
  if (ids.size < letters.length) faults.push(`${letters.length} dead letters of ${ids.size} messages`);
  faults.push(
    ...differences(
      "dead letters",
      letters.map(([, , { n }]) => n),
      count,
      isBad,
    ),
  );
  return { faults, outputs: byId.size, twice: all.length - byId.size, letters: letters.length };
}

/** Each output must go on with the state that the one before it led to. @param {readonly Output[]} outputs @param {number} total @param {number} counted */
export function chainFaults(outputs, total, counted) {
  let [sum, count] = [total, counted];
  for (const [id, of, told, upTo] of outputs) {
    sum += of.reduce((a, b) => a + b, 0);
    count += of.length;
    if (told !== sum || upTo !== count) return [`output ${id}: ${told} of ${upTo}, and not ${sum} of ${count}`];
  }
  return [];
}

/** @param {string} what @param {readonly number[]} found @param {number} count @param {(n: number) => boolean} isWanted */
function differences(what, found, count, isWanted) {
  const wanted = Array.from({ length: count }, (_, n) => n).filter(isWanted);
  const set = new Set(found);
  const faults = [];
  const missing = wanted.filter((n) => !set.has(n));
  const strange = [...set].filter((n) => !isWanted(n) || n >= count);
  if (missing.length > 0) faults.push(`${what}: ${missing.length} missing, ${missing.slice(0, 5)}`);
  if (strange.length > 0) faults.push(`${what}: not wanted ${strange.slice(0, 5)}`);
  if (found.length > set.size) {
    const twice = found.filter((n, i) => found.indexOf(n) < i);
    faults.push(`${what}: ${twice.length} more than once, ${twice.slice(0, 5)}`);
  }
  return faults;
}
