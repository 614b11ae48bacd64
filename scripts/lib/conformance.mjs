import { existsSync, readdirSync } from "node:fs";
import { root } from "./process.mjs";

export const command = `${root}packages/conformance/dist/cli.js`;

/** Needs a program beside npm: see `useNatsServer`. */
export const natsModule = "packages/nats/conformance.mjs";
/** Suites that take longest, which run first. */
const longest = ["packages/worker-threads/conformance.mjs", natsModule];
/** Every package that has backends lists them in its `conformance.mjs`. */
export const backendModules = [...longest, ...modulesIn("packages").filter((module) => !longest.includes(module))];
/**
 * The suites of all backends as modules and options: those that take longest in two parts, which run beside each other.
 * @type {readonly (readonly [module: string, ...options: string[]])[]}
 */
export const backendSuites = [
  ...longest.flatMap(
    (module) =>
      /** @type {const} */ ([
        [module, "--shard=1/2"],
        [module, "--shard=2/2"],
      ]),
  ),
  ...backendModules.slice(longest.length).map((module) => /** @type {const} */ ([module])),
];
/** The same of programs: backends to learn from, which need not be fast. */
export const exampleModules = modulesIn("apps");

/** @param {string} folder */
function modulesIn(folder) {
  return readdirSync(root + folder)
    .map((name) => `${folder}/${name}/conformance.mjs`)
    .filter((file) => existsSync(root + file));
}
