import { existsSync, readdirSync } from "node:fs";
import { root } from "./process.mjs";

export const command = `${root}packages/conformance/dist/cli.js`;

/** Every package that has backends lists them in its `conformance.mjs`. */
export const backendModules = readdirSync(`${root}packages`)
  .map((name) => `packages/${name}/conformance.mjs`)
  .filter((file) => existsSync(root + file));
