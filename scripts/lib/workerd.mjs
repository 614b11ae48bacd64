import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./process.mjs";
import { programOf, workerd } from "./runtimes.mjs";

/** Requests at a time, and how many messages each sends. */
const REQUESTS = 20;
const MESSAGES = 100;
/** Milliseconds for the whole suite. */
const LONGEST = 600_000;

/** A compatibility date at which workerd has all that core needs, such as FinalizationRegistry (from 2025-05-05 on). */
const DATE = "2025-05-05";
const CONFIG = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "worker.js", esModule = embed "worker.js")], compatibilityDate = "${DATE}"))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);`;

/**
 * The suite on in-process in workerd; then many requests at a time, each with a runtime of its own.
 * @param {readonly number[]} laws none: all
 */
export async function workerdTests(laws) {
  const program = await programOf(workerd);
  const folder = mkdtempSync(join(tmpdir(), "ringline-workerd-"));
  try {
    await bundle(folder);
    writeFileSync(join(folder, "config.capnp"), CONFIG);
    const child = spawn(program, ["serve", "--control-fd=3", join(folder, "config.capnp")], {
      stdio: ["ignore", "inherit", "inherit", "pipe"],
    });
    const ended = new Promise((done) => child.once("exit", done));
    try {
      const port = await portOf(/** @type {import("node:stream").Readable} */ (child.stdio[3]), ended);
      const address = `http://127.0.0.1:${port}/?`;
      const response = await fetch(address + laws.map((law) => `law=${law}`).join("&"), {
        signal: AbortSignal.timeout(LONGEST),
      });
      const summary = /** @type {import("./tally.mjs").Tally & { name: string, failures: string[] }} */ (
        await response.json()
      );
      await Promise.all(
        Array.from({ length: REQUESTS }, (_, n) => answers(`${address}sum=${MESSAGES + n}`, MESSAGES + n)),
      );
      return summary;
    } finally {
      child.kill("SIGKILL"); // a request that computes would keep it
      await ended;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} outDir */
async function bundle(outDir) {
  const { build } = await import("vite"); // it is there by now
  await build({
    root,
    configFile: false,
    logLevel: "error",
    build: {
      ...{ outDir, emptyOutDir: false, minify: false, target: "es2022" },
      lib: { entry: `${root}scripts/lib/workerd-worker.mjs`, formats: ["es"], fileName: "worker" },
      rollupOptions: { output: { codeSplitting: false } },
    },
    resolve: {
      alias: [
        { find: /^@ringline\/([\w-]+)$/, replacement: `${root}packages/$1/dist/index.js` },
        { find: /^@ringline\/([\w-]+)\/(\w+)$/, replacement: `${root}packages/$1/dist/$2.js` },
      ],
    },
  });
}

/**
 * workerd says on which port it listens.
 * @param {import("node:stream").Readable} control
 * @param {Promise<unknown>} ended
 * @returns {Promise<number>}
 */
function portOf(control, ended) {
  return new Promise((resolve, reject) => {
    let said = "";
    control.setEncoding("utf8").on("data", (text) => {
      said += text;
      const port = /"port":(\d+)/.exec(said)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
    ended.then((code) => reject(new Error(`workerd ended with ${code} before it listened`)));
  });
}

/** @param {string} address @param {number} count */
async function answers(address, count) {
  const got = await (await fetch(address)).text();
  if (got !== String(count * (count - 1))) throw new Error(`a request for ${count} messages got ${got}`);
}
