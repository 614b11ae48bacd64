// A program takes a durable flow over from the one before, under traffic, many times: on SQLite, and on NATS where there is a
// server. Each output must be read once over all programs.
import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findServer, startServer } from "@ringline/nats/testing";

const { values } = parseArgs({
  options: { deploys: { type: "string", default: "50" }, on: { type: "string" } },
});
const DEPLOYS = Number(values.deploys);
if (!(Number.isSafeInteger(DEPLOYS) && DEPLOYS > 0)) {
  console.error("--deploys takes a whole number.");
  process.exit(2);
}
const program = fileURLToPath(new URL("deploy-program.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "ringline-deploys-"));
/** @type {string[]} */
const faults = [];

/** @param {string} kind @param {string} place */
async function deploy(kind, place) {
  const outputs = join(folder, `${kind}.outputs`);
  const lines = () => (existsSync(outputs) ? readFileSync(outputs, "utf8").split("\n").slice(0, -1) : []);
  /** @type {{ child: import("node:child_process").ChildProcess, ended: Promise<unknown[]> } | undefined} */
  let current;
  /** @type {number[]} */
  const pauses = [];
  for (let i = 0; i <= DEPLOYS; i++) {
    const begin = performance.now();
    const child = fork(program, [kind, place, outputs]);
    const ended = once(child, "exit");
    const runs = once(child, "message");
    await Promise.race([runs, ended]);
    pauses.push(performance.now() - begin);
    if (current !== undefined) {
      const [code] = await current.ended;
      if (code !== 0) faults.push(`${kind}: program ${i - 1} ended with ${code}`);
    }
    current = { child, ended };
    const until = lines().length + 1 + Math.floor(Math.random() * 500);
    while (lines().length < until && child.exitCode === null) await sleep(5);
  }
  current?.child.send("end");
  const [code] = (await current?.ended) ?? [];
  if (code !== 0) faults.push(`${kind}: the last program ended with ${code}`);
  const all = lines().map((line) => line.split(" "));
  const ids = new Set(all.map(([id]) => id));
  const numbers = new Set(all.map(([, n]) => Number(n)));
  const sent = Number(readFileSync(`${outputs}.sent`, "utf8"));
  if (ids.size < all.length) faults.push(`${kind}: ${all.length - ids.size} outputs were read twice`);
  if (numbers.size < all.length) faults.push(`${kind}: ${all.length - numbers.size} inputs have two outputs`);
  const missing = Array.from({ length: sent }, (_, n) => n).filter((n) => !numbers.has(n));
  if (missing.length > 0)
    faults.push(`${kind}: ${missing.length} of ${sent} inputs have no output: ${missing.slice(0, 5)}`);
  const sorted = pauses.sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)]?.toFixed(0);
  console.log(
    `${kind}: ${DEPLOYS} deploys, ${all.length} outputs; from the start of a program until it runs ${median} ms`,
  );
}

const hasSqlite = (/** @type {string} */ name) =>
  import(name).then(
    () => true,
    () => false,
  );
if (values.on === "nats") console.log("sqlite: left out");
else if ((await hasSqlite("node:sqlite")) || (await hasSqlite("better-sqlite3")))
  await deploy("sqlite", join(folder, "state.db"));
else console.log("sqlite: there is no SQLite, as in Node 22.13 and later");
if (values.on !== "sqlite" && findServer() !== undefined) {
  const server = await startServer();
  await deploy("nats", server.address);
  await server.stop("SIGKILL");
} else if (values.on !== "sqlite") console.log("nats: there is no nats-server");
for (const fault of faults) console.log(`FAULT ${fault}`);
console.log(faults.length === 0 ? "All is well." : `${faults.length} faults.`);
rmSync(folder, { recursive: true });
process.exit(faults.length > 0 ? 1 : 0);
