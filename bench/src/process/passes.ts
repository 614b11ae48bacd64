import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Report } from "../report/report.js";

/** Set in a process that measures: its number, from 1, and the file that it leaves its report in. */
const PASS = "RINGLINE_BENCH_PASS";
const FILE = "RINGLINE_BENCH_FILE";
/** Set in a process that measures one row only. */
const ALONE = "RINGLINE_BENCH_ALONE";

export interface Pass {
  readonly number: number;
  readonly file: string;
}

/** Returns the pass of this process; undefined in the process that starts the passes. */
export function currentPass(): Pass | undefined {
  const { [PASS]: number, [FILE]: file } = process.env;
  return number === undefined || file === undefined ? undefined : { number: Number(number), file };
}

/**
 * Measures in processes of their own, one after the other, as measurements need them: the collector at hand, without
 * development checks. What differs from one start of the engine to the next shows between them. An interruption reaches
 * the one that runs, which leaves what it has, and no more are started. Rejects where a process leaves nothing.
 */
export async function runPasses(passes: number, args: readonly string[], signal: AbortSignal): Promise<Report[]> {
  const folder = await mkdtemp(join(tmpdir(), "ringline-bench-"));
  try {
    const reports: Report[] = [];
    for (let number = 1; number <= passes && !signal.aborted; number++) {
      const file = join(folder, `${number}.json`);
      const code = await start({ number, file }, args, signal);
      const text = await readFile(file, "utf8").catch(() => undefined);
      if (text !== undefined) reports.push(JSON.parse(text) as Report);
      else if (!signal.aborted) {
        const failure = `pass ${number} ended with ${code} and left no figures`;
        const last = reports.pop();
        if (last === undefined) throw new Error(failure);
        reports.push({ ...last, failures: [...last.failures, failure] });
      }
    }
    return reports;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The row that this process is for; undefined in others. */
export const rowAlone = (): string | undefined => process.env[ALONE];

/** One row, measured with the options of this process by another one. `mode`: its NODE_ENV; undefined for none. */
export async function measureAlone(row: string, mode: string | undefined, signal: AbortSignal): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), "ringline-bench-"));
  try {
    const file = join(folder, "row.json");
    const env = { NODE_ENV: mode, [ALONE]: row };
    const code = await start({ number: 1, file }, process.argv.slice(2), signal, env);
    const text = await readFile(file, "utf8").catch(() => undefined);
    if (text === undefined) throw new Error(`its process ended with ${code} and left no figures`);
    return JSON.parse(text) as Report;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function start(
  { number, file }: Pass,
  args: readonly string[],
  signal: AbortSignal,
  change: Readonly<Record<string, string | undefined>> = { NODE_ENV: "production" },
): Promise<string> {
  const program = process.argv[1] as string;
  const execArgv = process.execArgv.filter((flag) => flag !== "--expose-gc");
  const child = spawn(process.execPath, ["--expose-gc", ...execArgv, program, ...args], {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, [PASS]: String(number), [FILE]: file, ...change },
  });
  // a terminal's Ctrl-C reaches it twice, which it bears
  const interrupt = () => child.kill("SIGINT");
  signal.addEventListener("abort", interrupt);
  return new Promise<string>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, name) => resolve(String(code ?? name)));
  }).finally(() => signal.removeEventListener("abort", interrupt));
}
