// A NATS server and hosts of this machine, for tests: on loopback, gone when the process ends.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const command = fileURLToPath(new URL("../dist/ringline-host.js", import.meta.url));
/** @type {Set<import("node:child_process").ChildProcess>} */
const children = new Set();
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

/** The program of the server: RINGLINE_NATS_SERVER, or what is found by its name. Undefined where there is none. */
export function findServer() {
  const program = process.env["RINGLINE_NATS_SERVER"] ?? "nats-server";
  return spawnSync(program, ["--version"]).status === 0 ? program : undefined;
}

/** @returns {Promise<number>} a port that is free now */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}

/** Starts a server; resolves when it takes connections. @param {number} [port] */
export async function startServer(port) {
  const program = findServer();
  if (program === undefined)
    throw new Error("no nats-server: install the package nats-server, or name it in RINGLINE_NATS_SERVER");
  const at = port ?? (await freePort());
  const store = mkdtempSync(join(tmpdir(), "ringline-nats-"));
  const child = start(program, ["-a", "127.0.0.1", "-p", String(at), "-js", "-sd", store]);
  await said(child, "Server is ready");
  child.on("exit", () => rmSync(store, { recursive: true, force: true }));
  return {
    address: `127.0.0.1:${at}`,
    port: at,
    stop: (/** @type {NodeJS.Signals | undefined} */ signal = undefined) => stop(child, signal),
  };
}

/**
 * Starts a host; resolves when it is ready.
 * @param {string} address
 * @param {readonly string[]} modules files
 * @param {...string} more
 */
export async function startHost(address, modules, ...more) {
  const args = modules.flatMap((file) => ["--module", file]);
  const child = start(process.execPath, [command, "--servers", address, ...args, ...more]);
  const line = await said(child, "is ready");
  return {
    name: line.split(" ")[1] ?? "",
    child,
    stop: (/** @type {NodeJS.Signals | undefined} */ signal = undefined) => stop(child, signal),
  };
}

/** @param {string} program @param {readonly string[]} args */
function start(program, args) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  children.add(child);
  child.on("exit", () => children.delete(child));
  return child;
}

/**
 * Resolves with what it has said, when that holds `text`; from then on it does not keep this process alive.
 * @param {import("node:child_process").ChildProcess} child
 * @param {string} text
 * @returns {Promise<string>}
 */
function said(child, text) {
  return new Promise((resolve, reject) => {
    let all = "";
    for (const one of [child.stdout, child.stderr]) {
      one?.setEncoding("utf8").on("data", (piece) => {
        all = (all + piece).slice(-10_000);
        if (!all.includes(text)) return;
        child.unref();
        for (const stream of [child.stdout, child.stderr]) /** @type {any} */ (stream).unref();
        resolve(all);
      });
    }
    child.on("exit", (code) => reject(new Error(`it ended with ${code}: ${all}`)));
    child.on("error", reject);
  });
}

/** @param {import("node:child_process").ChildProcess} child @param {NodeJS.Signals} [signal] */
async function stop(child, signal = "SIGTERM") {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  child.kill(signal);
  await once(child, "exit");
}
