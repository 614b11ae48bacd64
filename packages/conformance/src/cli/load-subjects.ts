import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { show } from "../assert.js";
import type { Subject } from "../subject.js";
import { UsageError } from "./options.js";

/** The subjects that modules export by default, each one or a list. Throws `UsageError`. */
export async function loadSubjects(
  modules: readonly string[],
  onModule: (module: string) => Promise<void> = async () => {},
): Promise<readonly Subject[]> {
  const subjects: Subject[] = [];
  for (const module of modules) {
    await onModule(module);
    subjects.push(...(await load(module)));
  }
  const names = subjects.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UsageError(`Two backends are called ${JSON.stringify(twice)}.`);
  return subjects;
}

async function load(module: string): Promise<Subject[]> {
  let list: unknown[];
  try {
    const { default: exported } = (await import(urlOf(module))) as { readonly default?: unknown };
    list = Array.isArray(exported) ? exported : [exported];
    if (list.length > 0 && list.every(isSubject)) return list as Subject[];
  } catch (error) {
    throw new UsageError(`${module} cannot be loaded: ${show(error)}`, { cause: error });
  }
  if (list.length === 0) throw new UsageError(`${module} exports an empty list.`);
  throw new UsageError(`${module} must export by default { name, create }, or a list of them.`);
}

function isSubject(one: unknown): boolean {
  const { name, create } = (one ?? {}) as Partial<Subject>;
  return typeof name === "string" && name !== "" && typeof create === "function";
}

/** A path from here, or the name of an installed package. */
function urlOf(module: string): string {
  const path = resolve(module);
  if (existsSync(path)) return pathToFileURL(path).href;
  return pathToFileURL(createRequire(`${process.cwd()}/`).resolve(module)).href;
}
