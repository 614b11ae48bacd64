import { execFile } from "node:child_process";
import { cpSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { repository } from "./repository.js";

const core = `${repository}packages/core/`;

/**
 * Puts core's declarations, as they are published, into a folder: those that were built, if nothing in the sources is
 * newer; else they are built there.
 */
export async function builtDeclarations(folder: string): Promise<void> {
  const builtAt = statSync(`${core}dist/index.d.ts`, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (builtAt > newest(`${core}src`)) return cpSync(`${core}dist`, folder, { recursive: true });
  const tsup = [`${repository}node_modules/tsup/dist/cli-default.js`, "--dts-only", "--format", "esm", "--out-dir"];
  await promisify(execFile)(process.execPath, [...tsup, folder], { cwd: core });
}

/** Time at which the newest file of a folder was written. */
function newest(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return Math.max(...files.map((file) => statSync(join(folder, file)).mtimeMs));
}
