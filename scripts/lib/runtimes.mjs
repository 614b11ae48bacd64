import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "./process.mjs";

const cache = `${root}node_modules/.cache/ringline/runtimes`;
const system = process.platform === "win32" ? "win" : process.platform;
const end = process.platform === "win32" ? ".exe" : "";

/**
 * @typedef {object} Runtime
 * @property {string} name
 * @property {string} spec what npm installs
 * @property {string} program in its `node_modules`
 * @property {readonly string[]} args before the file that it runs
 */

/** @type {Runtime} */
export const workerd = { name: "workerd", spec: "workerd@1", program: "workerd/bin/workerd", args: [] };

/** @type {readonly Runtime[]} */
export const runtimes = [
  ...["20", "22", "24", "26"].map((major) => ({
    name: `Node ${major}`,
    spec: `node-${system}-${process.arch}@${major}`,
    program: `node-${system}-${process.arch}/bin/node${end}`,
    args: [],
  })),
  // Bun would follow the paths of tsconfig.json to the sources
  { name: "Bun", spec: "bun@1", program: "bun/bin/bun.exe", args: [`--tsconfig-override=${root}tsconfig.build.json`] },
  { name: "Deno", spec: "deno@2", program: `deno/deno${end}`, args: ["run", "--allow-all"] },
];

/**
 * The program of a runtime, which npm brings where it is not there yet.
 * @param {Runtime} runtime
 */
export async function programOf({ spec, program }) {
  const folder = join(cache, spec.replaceAll("@", "-"));
  const path = join(folder, "node_modules", program);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  console.error(`Fetching ${spec} …`);
  const args = ["install", "--no-audit", "--no-fund", "--prefix", folder, spec];
  const { code, output } = await run("npm", args, { cwd: folder, stdout: "collect", stderr: "collect" });
  if (code !== 0 || !existsSync(path)) throw new Error(`${spec} cannot be installed: ${output}`);
  return path;
}
