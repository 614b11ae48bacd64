import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../node_modules/.cache/ringline/nats-server", import.meta.url));
const program = `${folder}/usr/sbin/nats-server`;

/**
 * Lets the processes that are started from now on find the program nats-server: the one of this machine, or Debian's, which
 * is unpacked beside what else is cached. Returns why there is none, if so; in CI that is an error.
 * @returns {string | undefined}
 */
export function useNatsServer() {
  const installed = process.env["RINGLINE_NATS_SERVER"] ?? "nats-server";
  if (runs(installed)) return undefined;
  if (!runs(program)) unpack();
  if (runs(program)) {
    process.env["RINGLINE_NATS_SERVER"] = program;
    return undefined;
  }
  const reason = "there is no program nats-server: install it, or name it in RINGLINE_NATS_SERVER";
  if (process.env["CI"]) throw new Error(`Nothing over NATS can be tested: ${reason}.`);
  return reason;
}

/** @param {string} command */
const runs = (command) => spawnSync(command, ["--version"]).status === 0;

/** Needs no rights: the package is fetched and opened, not installed. */
function unpack() {
  if (spawnSync("apt-get", ["--version"]).status !== 0 || spawnSync("dpkg-deb", ["--version"]).status !== 0) return;
  console.error("Fetching Debian's package nats-server …");
  const half = `${folder}.${process.pid}`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { recursive: true });
  spawnSync("apt-get", ["download", "nats-server"], { cwd: half, stdio: "ignore" });
  const file = readdirSync(half).find((name) => name.endsWith(".deb"));
  if (file !== undefined) spawnSync("dpkg-deb", ["-x", file, "."], { cwd: half, stdio: "ignore" });
  if (!existsSync(folder)) renameSync(half, folder);
  else rmSync(half, { recursive: true, force: true });
}
