import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { root, run, runInstalled } from "./process.mjs";

const manifest = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
const stampFile = `${root}node_modules/.ringline-install`;

/**
 * Makes a fresh clone ready to run: right Node, dependencies as locked, everything built. Writes to stderr only.
 * @param {string} [only] a package that is all that is needed, with what it depends on
 */
export async function setUp(only) {
  checkNode();
  await install();
  await build(only);
}

function checkNode() {
  const needed = manifest.engines.node.replace(">=", "");
  if (process.versions.node.localeCompare(needed, "en", { numeric: true }) >= 0) return;
  stop(`Ringline needs Node ${needed} or newer, this is ${process.version}. Install a newer Node and run it again.`);
}

async function install() {
  const stamp = installStamp();
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return;
  const pnpm = manifest.packageManager;
  console.error(`Installing dependencies with ${pnpm} …`);
  const { code } = await run("npx", ["--yes", pnpm, "install", "--frozen-lockfile"], { stdout: "stderr" });
  if (code !== 0)
    stop(`The install failed. After a change of dependencies: npx ${pnpm} install --no-frozen-lockfile`, code);
  writeFileSync(stampFile, stamp);
}

/** Hash of everything that the installed tree depends on. */
function installStamp() {
  const workspaces = ["packages", "apps"].flatMap((folder) =>
    readdirSync(`${root}${folder}`).map((name) => `${folder}/${name}`),
  );
  const files = [".", "bench", "docs", ...workspaces].map((folder) => `${folder}/package.json`).sort();
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}\n`);
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", ...files]) {
    if (existsSync(root + file)) hash.update(`${file}\n`).update(readFileSync(root + file));
  }
  return hash.digest("hex");
}

/** @param {string} [only] */
async function build(only) {
  // turbo starts each build through pnpm, which it looks for in PATH.
  const separator = process.platform === "win32" ? ";" : ":";
  process.env["PATH"] = `${root}node_modules/.bin${separator}${process.env["PATH"]}`;
  if (!existsSync(`${root}packages/core/dist`)) console.error("Building the packages, once: about half a minute …");
  const args = ["run", "build", "--output-logs=errors-only", "--ui=stream", ...(only ? [`--filter=${only}...`] : [])];
  const { code, output } = await runInstalled("turbo/bin/turbo", args, { stdout: "collect", stderr: "collect" });
  if (code !== 0) stop(`${output}\nThe build failed.`, code);
}

/**
 * @param {string} message
 * @param {number} [code]
 * @returns {never}
 */
function stop(message, code = 1) {
  console.error(message);
  process.exit(code);
}
