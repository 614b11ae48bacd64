import { exchange } from "../exchange.js";
import type { Line, Subject } from "../subject.js";
import { floor } from "../subjects/floor.js";
import { ringlineHandle } from "../subjects/ringline-handle.js";
import { ringlineRequest } from "../subjects/ringline-request.js";
import { ringlineRun } from "../subjects/ringline-run.js";
import { threadHandle, threadRun } from "../threads/ringline.js";
import type { CountRow } from "./count-row.js";
import { COUNTED } from "./counters.js";
import { counters } from "./preload.js";

/** Enough for all of it to be compiled: engines count, too. */
const WARM = 100_000;
const MESSAGES = 10_000;
const OUTSTANDING = 256;
const ROUNDS = 6;

const subjects: readonly Subject[] = [floor, ringlineHandle, ringlineRun, ringlineRequest, threadHandle, threadRun];
const wanted = process.argv[2]?.split(",");

/** Bytes that a message takes on this thread. Nothing is collected meanwhile: the young generation holds all of it. */
async function allocated(line: Line): Promise<number> {
  const found: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    await exchange(line, 0, MESSAGES, OUTSTANDING);
    found.push((process.memoryUsage().heapUsed - before) / MESSAGES);
  }
  return Math.min(...found.filter((bytes) => bytes > 0));
}

async function counted(line: Line): Promise<CountRow["counts"]> {
  const rounds: Record<string, number>[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = counters.read();
    counters.switch(true);
    await exchange(line, 0, MESSAGES, OUTSTANDING);
    counters.switch(false);
    const after = counters.read();
    rounds.push(Object.fromEntries(COUNTED.map((name) => [name, (after[name] - before[name]) / MESSAGES])));
  }
  // what depends on who sleeps when is least where nobody was held up
  return Object.fromEntries(COUNTED.map((name) => [name, Math.min(...rounds.map((round) => round[name] as number))]));
}

const rows: { name: string; bytes: number; counts?: CountRow["counts"] }[] = [];
const lines = new Map<string, Line>();
for (const subject of subjects) {
  if (wanted?.includes(subject.name) === false) continue;
  const line = await subject.open(1);
  lines.set(subject.name, line);
  await exchange(line, 0, WARM, OUTSTANDING);
  rows.push({ name: subject.name, bytes: await allocated(line) });
}
// only now: what counts takes memory, too
counters.install();
for (const row of rows) row.counts = await counted(lines.get(row.name) as Line);
for (const line of lines.values()) await line.close();
const found: CountRow[] = rows.map(({ name, bytes, counts }) => ({
  name,
  counts: { "bytes allocated": bytes, ...counts },
}));
process.stdout.write(`${JSON.stringify(found)}\n`, () => process.exit(0));
