import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Interrupted } from "../process/within.js";

/** Average counts of one message of a subject; no clock is involved, so that a busy machine changes nothing. */
export interface CountRow {
  readonly name: string;
  /** By what is counted: "bytes allocated" on the thread that drives, the others on all threads. */
  readonly counts: Readonly<Record<string, number>>;
}

/** As it was built: threads load it, too. */
function built(name: string): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.includes("/bench/src/") ? `../../dist/${name}.js` : `./${name}.js`, here));
}

/** So that nothing is collected while bytes are counted, and engines compile by counting and not by the clock. */
const FLAGS = [
  "--expose-gc",
  "--single-threaded-gc",
  "--no-concurrent-recompilation",
  "--max-semi-space-size=128",
  "--min-semi-space-size=128",
];

export interface CountOptions {
  readonly signal?: AbortSignal;
  /** Names of subjects; all by default. */
  readonly only?: readonly string[];
  /** A fault for tests: 64 bytes, or a promise, for each message that leaves a port. */
  readonly plant?: "bytes" | "promise";
}

/** Counts in a process of its own. */
export function countAll({ signal, only, plant }: CountOptions = {}): Promise<readonly CountRow[]> {
  const args = [...FLAGS, "--import", built("counts/preload"), built("counts/main"), ...(only ? [only.join(",")] : [])];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_ENV: "production", ...(plant && { RINGLINE_BENCH_PLANT: plant }) },
    ...(signal && { signal }),
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (data: string) => {
    text += data;
  });
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(signal?.aborted ? new Interrupted() : error));
    child.once("close", (code) => {
      if (code === 0) resolve(JSON.parse(text) as CountRow[]);
      else reject(new Error(`counting ended with ${code}`));
    });
  });
}
