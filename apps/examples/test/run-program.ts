import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../", import.meta.url));

export function startProgram(...args: string[]): ChildProcess & { readonly stdout: NodeJS.ReadableStream } {
  const child = spawn(process.execPath, ["dist/main.js", ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  return child as ChildProcess & { readonly stdout: NodeJS.ReadableStream };
}

/** Runs a built program and returns its output; rejects unless it exits with 0. */
export function runProgram(...args: string[]): Promise<string> {
  const child = startProgram(...args);
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve(output) : reject(new Error(`exit code ${code}: ${output}`))));
  });
}
