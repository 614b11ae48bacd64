import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Interrupted } from "../process/within.js";
import type { Target } from "../report/target.js";
import type { Summary } from "../stats/summary.js";

/** Two designs on one WebGPU adapter against each other, and what the project wants of them. */
export interface GpuRow {
  readonly name: string;
  readonly wanted: Target["wanted"];
  readonly measured: Summary;
}

export interface GpuOptions {
  readonly isQuick: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

/** The program of `npm run bench -- gpu`, as it was built. */
function program(): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.includes("/bench/src/") ? "../../dist/gpu/main.js" : "./gpu/main.js", here));
}

/** In a process of its own: a driver that fails takes nothing else with it. */
export function compareDesigns({ isQuick, signal, onProgress }: GpuOptions): Promise<readonly GpuRow[]> {
  const args = [program(), "--json", ...(isQuick ? ["--quick"] : [])];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], signal });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (data: string) => {
    text += data;
    onProgress(text.trimEnd().split("\n").at(-1)?.slice(0, 60) ?? "");
  });
  return new Promise((resolve, reject) => {
    child.once("error", () => reject(new Interrupted()));
    child.once("close", (code) => {
      const json = /^\{$[\s\S]*/m.exec(text)?.[0];
      if (json === undefined) reject(new Error(`ended with ${code} and left no figures`));
      else resolve((JSON.parse(json) as { readonly rows: readonly GpuRow[] }).rows);
    });
  });
}
