import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { root } from "./process.mjs";

export const command = `${root}packages/conformance/dist/cli.js`;

/** Every package that has backends lists them in its `conformance.mjs`; those under construction are private. */
export const backendModules = modulesIn("packages").filter((file) => {
  const manifest = readFileSync(`${root}${dirname(file)}/package.json`, "utf8");
  return JSON.parse(manifest).private !== true;
});
/** The same of programs: backends to learn from, which need not be fast. */
export const exampleModules = modulesIn("apps");

/** @param {string} folder */
function modulesIn(folder) {
  return readdirSync(root + folder)
    .map((name) => `${folder}/${name}/conformance.mjs`)
    .filter((file) => existsSync(root + file));
}
