import { spawn } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** @typedef {{ code: number, output: string }} Result exit code, and what the child wrote where that was collected */
/** @typedef {{ cwd?: string, stdout?: "inherit" | "stderr" | "collect", stderr?: "inherit" | "collect" }} RunOptions */

const running = new Set();
/** @type {"SIGINT" | "SIGTERM" | "SIGHUP" | undefined} */
let interrupted;

/**
 * Runs a program to its end. A signal to this process goes on to the child, whose end decides what follows.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<Result>}
 */
export function run(command, args, { cwd = root, stdout = "inherit", stderr = "inherit" } = {}) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1", TURBO_NO_UPDATE_NOTIFIER: "1" },
    // Windows starts npx, a command file, through a shell only.
    shell: process.platform === "win32" && command === "npx",
    stdio: [
      "inherit",
      stdout === "collect" ? "pipe" : stdout === "stderr" ? 2 : "inherit",
      stderr === "collect" ? "pipe" : "inherit",
    ],
  });
  running.add(child);
  return new Promise((resolve, reject) => {
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    }
    child.on("error", reject);
    child.on("close", (code, signal) => {
      running.delete(child);
      const ended = code ?? 128 + (signal ? constants.signals[signal] : 0);
      // whoever asked for the end wants no further step
      if (interrupted !== undefined) process.exit(ended || 128 + constants.signals[interrupted]);
      resolve({ code: ended, output });
    });
  });
}

/**
 * Runs the program of an installed package, by its file: the same on every system, with no package manager between.
 * @param {string} file below node_modules
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export function runInstalled(file, args, options) {
  return run(process.execPath, [`${root}node_modules/${file}`, ...args], options);
}

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
  process.on(signal, () => {
    interrupted = signal;
    if (running.size === 0) process.exit(128 + constants.signals[signal]);
    // Ctrl-C in a terminal has reached the child already, which must not take a second one for impatience.
    if (signal === "SIGINT" && (process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY)) return;
    for (const child of running) child.kill(signal);
  });
}

// npm starts scripts through a shell that dies of a signal without handing it on: then the child is ended from here.
const parent = process.ppid;
const watch = setInterval(() => {
  if (process.ppid === parent || process.env["npm_lifecycle_event"] === undefined) return;
  clearInterval(watch);
  process.kill(process.pid, "SIGTERM");
}, 250);
watch.unref();
