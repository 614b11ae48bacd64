import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { body, createRuntime, defineKernel, defineMessage, pipeline } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { sqlite } from "@ringline/sqlite";
import { type Measure, ratioOf } from "../gpu/pairs.js";
import { printRow, type Wanted } from "../gpu/print-row.js";

const HELP = `Usage: npm run bench -- sqlite [--quick]

What a durable edge costs in an SQLite file, beside a table in which 256 messages are inserted and the 256 before are deleted in one
transaction. Needs an SQLite: Node 22.13 or later, or better-sqlite3.`;

const PAIRS = process.argv.includes("--quick") ? 5 : 15;
const MESSAGES = 20_000;
/** Messages unacknowledged at a time, and in a transaction by hand. */
const OUTSTANDING = 256;

/** The part of an SQLite driver that is used by hand. */
interface Database {
  exec(sql: string): unknown;
  prepare(sql: string): { run(...values: readonly unknown[]): { readonly lastInsertRowid: number | bigint } };
  close(): void;
}
type Driver = new (path: string) => Database;

const Kept = defineMessage("Kept", body<{ n: number; text?: string }>());
const taken = defineKernel({ id: "taken", input: Kept, handle: () => undefined });

async function loadDriver(): Promise<Driver | undefined> {
  const load = (name: string) => import(/* @vite-ignore */ name).catch(() => undefined);
  return (await load("node:sqlite"))?.DatabaseSync ?? (await load("better-sqlite3"))?.default;
}

async function main(): Promise<void> {
  if (process.argv.includes("--help")) return console.log(HELP);
  const driver = await loadDriver();
  if (driver === undefined) {
    console.error("There is no SQLite here: use Node 22.13 or later, or install better-sqlite3.");
    process.exitCode = 1;
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "ringline-bench-"));
  console.log(`256 messages unacknowledged, ${PAIRS} pairs\n`);
  const wanted = { atLeast: 0.8 };
  await row("full", 0, folder, driver, wanted);
  await row("full", 1000, folder, driver, wanted);
  await row("normal", 0, folder, driver, wanted);
  await row("normal", 1000, folder, driver, wanted);
  rmSync(folder, { recursive: true });
}

async function row(
  synchronous: "full" | "normal",
  size: number,
  folder: string,
  driver: Driver,
  wanted: Wanted,
): Promise<void> {
  const make = (n: number) => (size === 0 ? { n } : { n, text: "x".repeat(size) });
  const file = join(folder, `${synchronous}-${size}`);
  const table = openTable(new driver(`${file}-table.db`), synchronous, make);
  const runtime = createRuntime({ backend: inProcess(), keep: sqlite(`${file}.db`, { synchronous }) });
  const flow = await runtime.run(pipeline("kept").stage(taken, { durable: true }));
  const edge = async () => {
    const sent: Promise<void>[] = [];
    for (let n = 0; n < MESSAGES; n++) {
      if (n >= OUTSTANDING) await sent[n - OUTSTANDING];
      sent.push(flow.send(Kept(make(n))));
    }
    await Promise.all(sent);
    await flow.drain();
  };
  const name = `durable edge, ${synchronous}, ${size === 0 ? "a number" : "1 KB"}`;
  printRow(`speed of a ${name} / by hand`, wanted, await ratioOf(timeOf(table.run), timeOf(edge), PAIRS));
  printRow("  the same in CPU time", undefined, await ratioOf(cpuOf(table.run), cpuOf(edge), PAIRS));
  await runtime.dispose();
  table.close();
}

/** A table that is used as a queue. */
function openTable(database: Database, synchronous: string, make: (n: number) => object) {
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}`);
  database.exec("CREATE TABLE queue (id INTEGER PRIMARY KEY, body BLOB NOT NULL)");
  const insert = database.prepare("INSERT INTO queue (body) VALUES (?)");
  const remove = database.prepare("DELETE FROM queue WHERE id = ?");
  const run = async () => {
    let before: (number | bigint)[] = [];
    for (let n = 0; n < MESSAGES; n += OUTSTANDING) {
      database.exec("BEGIN IMMEDIATE");
      for (const id of before) remove.run(id);
      before = [];
      for (let i = n; i < Math.min(MESSAGES, n + OUTSTANDING); i++) {
        before.push(insert.run(Buffer.from(JSON.stringify(make(i)))).lastInsertRowid);
      }
      database.exec("COMMIT");
      await new Promise((resolve) => setImmediate(resolve));
    }
    database.exec("DELETE FROM queue");
  };
  return { run, close: () => database.close() };
}

const timeOf = (run: () => Promise<void>): Measure => {
  return async () => {
    const begun = performance.now();
    await run();
    return performance.now() - begun;
  };
};

const cpuOf = (run: () => Promise<void>): Measure => {
  return async () => {
    const begun = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1000;
  };
};

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
