import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const cache = new URL("../../node_modules/.cache/ringline/", import.meta.url);

/** @param {string} command @param {string} asked what makes it tell its version */
export const runs = (command, asked) => spawnSync(command, [asked]).status === 0;

/**
 * The path of a program in a package of Debian, which is fetched and opened beside what else is cached: that needs no rights.
 * @param {string} name of the package
 * @param {string} program where it is in there
 * @returns {string} whether it is there or not
 */
export function debianProgram(name, program) {
  const folder = fileURLToPath(new URL(name, cache));
  const path = `${folder}/${program}`;
  if (!existsSync(path)) unpack(name, folder);
  return path;
}

/** @param {string} name @param {string} folder */
function unpack(name, folder) {
  if (!runs("apt-get", "--version") || !runs("dpkg-deb", "--version")) return;
  console.error(`Fetching Debian's package ${name} …`);
  const half = `${folder}.${process.pid}`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { recursive: true });
  spawnSync("apt-get", ["download", name], { cwd: half, stdio: "ignore" });
  const file = readdirSync(half).find((one) => one.endsWith(".deb"));
  if (file !== undefined) spawnSync("dpkg-deb", ["-x", file, "."], { cwd: half, stdio: "ignore" });
  if (!existsSync(folder)) renameSync(half, folder);
  else rmSync(half, { recursive: true, force: true });
}
