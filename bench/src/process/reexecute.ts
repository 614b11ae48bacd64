import { spawn } from "node:child_process";
import { constants } from "node:os";

/** Set in the second process, so that a node that takes no flags does not start itself for ever. */
const MARK = "RINGLINE_BENCH_STARTED";

/** True when this process was started as measurements need it: collector at hand, messages not frozen. */
export function isPrepared(): boolean {
  return (typeof globalThis.gc === "function" && process.env["NODE_ENV"] === "production") || MARK in process.env;
}

/** Runs this program again with --expose-gc and without development checks; resolves to its exit code. */
export async function reexecute(): Promise<number> {
  const child = spawn(process.execPath, ["--expose-gc", ...process.execArgv, ...process.argv.slice(1)], {
    stdio: "inherit",
    env: { ...process.env, NODE_ENV: "production", [MARK]: "1" },
  });
  // The child decides when it ends; a terminal's Ctrl-C may reach it twice, which it bears.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
