// What can happen to the file of a durable flow and to its program, at random moments; `judge` finds what went wrong.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { chainFaults, judge, readOutputs } from "./judge.mjs";
import { loadDriver } from "./limit-pages.mjs";

const program = fileURLToPath(new URL("program.mjs", import.meta.url));
/** Milliseconds after which a program hangs. */
const LIMIT = 600_000;
const NO_USE = 3;

/**
 * @typedef {{ readonly state: string, readonly count: number, readonly outputs: string }} Work
 * @typedef {() => number} Random
 */

/** Starts a program; `told` gets what it reports. @param {Work} work @param {number} [pages] */
function start({ state, count, outputs }, pages) {
  const args = [state, String(count), outputs, ...(pages === undefined ? [] : [String(pages)])];
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  let reason = "";
  child.stdout?.on("data", (data) => {
    reason += data;
  });
  const ended = once(child, "close").then(([code]) => ({ code: /** @type {number | null} */ (code), reason }));
  const late = setTimeout(() => child.kill("SIGKILL"), LIMIT);
  void ended.then(() => clearTimeout(late));
  return { child, ended };
}

/** Runs a program to its end. @param {Work} work */
async function finish(work) {
  const { code, reason } = await start(work).ended;
  return code === 0 ? [] : [`the last program ended with ${code}: ${reason}`];
}

/** Kills programs at any moment from their start to a while after their first output. @param {Work} work @param {number} kills @param {Random} random @param {(text: string) => void} [tell] */
export async function killPrograms(work, kills, random, tell = () => {}) {
  const size = () => (existsSync(work.outputs) ? statSync(work.outputs).size : 0);
  let took = 1000;
  let idle = 0;
  for (let kill = 0; kill < kills; kill++) {
    const begin = performance.now();
    const before = size();
    const { child, ended } = start({ ...work, count: Math.ceil(((kill + 1) * work.count) / (kills + 1)) });
    const timer = setTimeout(() => child.kill("SIGKILL"), random() * took * 1.5);
    while (size() === before && child.exitCode === null && child.signalCode === null) await sleep(5);
    if (size() > before) took = 0.8 * took + 0.2 * (performance.now() - begin);
    else {
      idle++;
      took = Math.min(LIMIT / 4, took * 1.5); // on a busy machine a program takes long until its first output
    }
    const { code, reason } = await ended;
    clearTimeout(timer);
    if (code !== null && code !== 0) return { faults: [`program ${kill} ended with ${code}: ${reason}`], idle };
    if (kill % 20 === 19) tell(`${kill + 1} kills, ${readOutputs(work.outputs).length} outputs`);
  }
  const faults = await finish(work);
  return faults.length > 0 ? { faults, idle } : { ...judge(work.outputs, work.count), idle };
}

/**
 * Lets the file become full at a random size. Then there is room for it again, or the program is killed first.
 * @param {Work} work @param {Random} random
 */
export async function fillDisk(work, random) {
  const pages = 8 + Math.floor(random() * 120);
  const { child, ended } = start(work, pages);
  /** @type {{ readonly code: string, readonly remedy: string } | undefined} */
  let told;
  child.on("message", (error) => {
    told ??= /** @type {{ readonly code: string, readonly remedy: string }} */ (error);
  });
  const isKilled = random() < 0.5;
  while (told === undefined && child.exitCode === null && child.signalCode === null) await sleep(5);
  await sleep(random() * 300);
  if (isKilled) child.kill("SIGKILL");
  else if (child.connected) child.send("room");
  const { code, reason } = await ended;
  /** @type {string[]} */
  const faults = [];
  if (told !== undefined && !(told.code === "BACKEND_UNAVAILABLE" && told.remedy.includes("full"))) {
    faults.push(`a full file is reported as ${told.code}: ${told.remedy}`);
  }
  const isTold = code === NO_USE && reason.includes("full");
  if (code !== 0 && code !== null && !isTold) faults.push(`the program of a full file ended with ${code}: ${reason}`);
  faults.push(...(await finish(work)));
  const how = told === undefined ? (isTold ? "refused" : "ample") : isKilled ? "killed" : "room";
  return { faults: faults.length > 0 ? faults : judge(work.outputs, work.count).faults, how, pages };
}

/**
 * Kills a program, and cuts its file or its write-ahead log at a random byte. The next program must refuse the file, or go on with
 * a state that there was. @param {Work} work @param {Random} random
 */
export async function cutFile(work, random) {
  const first = start(work);
  const many = Math.floor(random() * 40);
  while (readOutputs(work.outputs).length < many && first.child.exitCode === null) await sleep(5);
  first.child.kill("SIGKILL");
  await first.ended;
  const log = `${work.state}-wal`;
  if (random() < 0.5 && existsSync(work.state)) await checkpoint(work.state);
  const files = [work.state, log].filter((file) => existsSync(file) && statSync(file).size > 0);
  const file = files[Math.floor(random() * files.length)];
  if (file === undefined) return { faults: [], how: "no file" };
  const { size } = statSync(file);
  truncateSync(file, Math.floor(random() * size));
  const before = readOutputs(work.outputs);
  const states = new Map(before.map(([, of, sum, count]) => [count, { sum, of }]));
  const next = { ...work, outputs: `${work.outputs}.next` };
  copyFileSync(`${work.outputs}.sent`, `${next.outputs}.sent`);
  const { code, reason } = await start(next).ended;
  const name = file === log ? "log" : "file";
  if (code === NO_USE) {
    const isClear = reason.includes(work.state);
    return { faults: isClear ? [] : [`the reason does not name the file: ${reason}`], how: `${name} refused` };
  }
  if (code !== 0)
    return { faults: [`after a cut of the ${name} the program ended with ${code}: ${reason}`], how: name };
  const after = unique(readOutputs(next.outputs));
  const [begin] = after;
  if (begin === undefined) return { faults: [], how: `${name} recovered` };
  const count = begin[3] - begin[1].length;
  const sum = begin[2] - begin[1].reduce((a, b) => a + b, 0);
  const faults = chainFaults(after, sum, count);
  if (count > 0 && states.get(count)?.sum !== sum && !isLater(before, count)) {
    faults.push(`the state ${sum} of ${count} was never there`);
  }
  const numbers = after.flatMap(([, of]) => of);
  const counted = before.filter(([, , , upTo]) => upTo <= count).flatMap(([, of]) => of);
  const all = new Set([...counted, ...numbers]);
  if (all.size < new Set(counted).size + numbers.length) faults.push("a job counts twice in the state");
  return { faults, how: `${name} recovered` };
}

/** Moves the write-ahead log into the file. @param {string} file */
async function checkpoint(file) {
  const Driver = await loadDriver();
  const database = new Driver(file);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
}

/** True for a state of an output that the killed program had not written yet. @param {readonly (readonly [string, readonly number[], number, number])[]} before @param {number} count */
const isLater = (before, count) => count > Math.max(0, ...before.map(([, , , upTo]) => upTo));

/** @template {readonly [string, ...unknown[]]} T @param {readonly T[]} outputs */
const unique = (outputs) => [...new Map(outputs.map((output) => [output[0], output])).values()];

/** The files of a trial. @param {string} folder @param {string | number} name @param {number} count @returns {Work} */
export function workIn(folder, name, count) {
  const outputs = join(folder, `${name}.outputs`);
  for (const end of ["", ".sent", ".letters"]) rmSync(outputs + end, { force: true });
  writeFileSync(`${outputs}.sent`, "0");
  return { state: join(folder, `${name}.db`), count, outputs };
}
