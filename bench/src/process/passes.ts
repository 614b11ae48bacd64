import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Report } from "../report/report.js";

/** Set in a process that measures: its number, from 1, and the file that it leaves its report in. */
const PASS = "RINGLINE_BENCH_PASS";
const FILE = "RINGLINE_BENCH_FILE";

export interface Pass {
  readonly number: number;
  readonly file: string;
}

/** Which pass this process is; undefined in the one that starts them. */
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

function start({ number, file }: Pass, args: readonly string[], signal: AbortSignal): Promise<string> {
  const program = process.argv[1] as string;
  const child = spawn(process.execPath, ["--expose-gc", ...process.execArgv, program, ...args], {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, NODE_ENV: "production", [PASS]: String(number), [FILE]: file },
  });
  // a terminal's Ctrl-C reaches it twice, which it bears
  const interrupt = () => child.kill("SIGINT");
  signal.addEventListener("abort", interrupt);
  return new Promise<string>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, name) => resolve(String(code ?? name)));
  }).finally(() => signal.removeEventListener("abort", interrupt));
}
