// All flights of the demo, in disorder, through windows of each kind, in this process and on worker threads. The windows
// must be those that DuckDB computes from the same rows as one batch.
import { strictEqual } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { createRuntime, pipeline } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { workerThreads } from "@ringline/worker-threads";
import { DISORDER, Flight, halfPast, hours, quarters, rushes } from "./window-kernels.mjs";

/** Of the built demo, whose files have no types here. @type {{ readRows(): AsyncIterable<unknown> }} */
const { readRows } = await import(String(new URL("../../dist/flights/read-rows.js", import.meta.url)));

const MINUTE = 60_000;
const FIGURES = `count(*) AS "count", sum(delay) AS "sum", min(delay) AS "min", max(delay) AS "max"`;

/**
 * @param {number} size
 * @param {number} every
 * @param {number} offset
 */
const aligned = (size, every, offset) => `
  SELECT key, start AS "from", start + ${size} AS "to", ${FIGURES}
  FROM (
    SELECT key, delay, CAST(floor((ms - ${offset}) / ${every}) * ${every} + ${offset} - i * ${every} AS BIGINT) AS start
    FROM flights, range(${size / every}) AS steps(i)
  ) GROUP BY key, start`;
/** @param {number} gap */
const sessions = (gap) => `
  SELECT key, min(ms) AS "from", max(ms) + ${gap} AS "to", ${FIGURES}
  FROM (
    SELECT *, sum(begins) OVER (PARTITION BY key ORDER BY ms RANGE UNBOUNDED PRECEDING) AS session
    FROM (
      SELECT *, CASE WHEN ms - lag(ms) OVER (PARTITION BY key ORDER BY ms) < ${gap} THEN 0 ELSE 1 END AS begins
      FROM flights
    )
  ) GROUP BY key, session`;
const kinds = /** @type {const} */ ([
  [hours, aligned(60 * MINUTE, 60 * MINUTE, 0)],
  [halfPast, aligned(60 * MINUTE, 60 * MINUTE, 30 * MINUTE)],
  [quarters, aligned(60 * MINUTE, 15 * MINUTE, 0)],
  [rushes, sessions(20 * MINUTE)],
]);

const rows = await disordered();
const database = await (await DuckDBInstance.create(":memory:")).connect();
await load(rows);
for (const [kernel, query] of kinds) {
  const wanted = (await database.runAndReadAll(query)).getRowObjects().map(lineOf).sort();
  for (const backend of [inProcess(), workerThreads({ threads: 2 })]) {
    const runtime = createRuntime({ backend });
    const flow = await runtime.run(pipeline("flights").stage(kernel, { workers: 2, by: { key: "key" } }));
    const found = [];
    const start = performance.now();
    for await (const figures of flow.process(messages())) found.push(lineOf({ ...figures }));
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    found.sort();
    const odd = found.findIndex((line, i) => line !== wanted[i]);
    strictEqual(found[odd], wanted[odd], `${kernel.id}: a window on ${backend.manifest.name}`);
    strictEqual(found.length, wanted.length, `${kernel.id}: windows on ${backend.manifest.name}`);
    strictEqual(flow.deadLetters.size, 0, "late flights");
    await runtime.dispose();
    console.log(
      `${kernel.id}, ${backend.manifest.name}: ${rows.length} flights, ${found.length} windows as in DuckDB, ${seconds} s`,
    );
  }
}
database.closeSync();

/** @typedef {{ ms: number, key: number, delay: number }} Row */

/** All flights, in an order that differs from that of their times by less than `DISORDER`. */
async function disordered() {
  let seed = 1;
  const random = () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  /** @type {{ arrival: number, row: Row }[]} */
  const arrivals = [];
  for await (const flight of readRows()) {
    const { time, distance, delay } = /** @type {{ time: number, distance: number, delay: number }} */ (flight);
    const ms = Math.round(time * 60 * MINUTE);
    arrivals.push({ arrival: ms + random() * DISORDER, row: { ms, key: Math.floor(distance / 10), delay } });
  }
  return arrivals.sort((a, b) => a.arrival - b.arrival).map(({ row }) => row);
}

/** @param {readonly Row[]} all */
async function load(all) {
  const folder = mkdtempSync(join(tmpdir(), "ringline-windows-"));
  try {
    const file = join(folder, "flights.csv");
    writeFileSync(file, `ms,key,delay\n${all.map(({ ms, key, delay }) => `${ms},${key},${delay}`).join("\n")}\n`);
    const columns = "{ ms: 'BIGINT', key: 'BIGINT', delay: 'BIGINT' }";
    await database.run(
      `CREATE TABLE flights AS SELECT * FROM read_csv('${file}', header = true, columns = ${columns})`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {Readonly<Record<string, unknown>>} window */
function lineOf({ key, from, to, count, sum, min, max }) {
  return [key, from, to, count, sum, min, max].map(String).join(" ");
}

function* messages() {
  for (const { ms, key, delay } of rows) yield Flight({ at: ms, key, delay });
}
