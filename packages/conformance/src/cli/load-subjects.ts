import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Subject } from "../subject.js";
import { UsageError } from "./options.js";

/** The subjects that modules export by default, each one or a list. Throws `UsageError`. */
export async function loadSubjects(modules: readonly string[]): Promise<readonly Subject[]> {
  const subjects: Subject[] = [];
  for (const module of modules) subjects.push(...(await load(module)));
  const names = subjects.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UsageError(`Two backends are called ${JSON.stringify(twice)}.`);
  return subjects;
}

async function load(module: string): Promise<Subject[]> {
  const { default: exported } = await importFrom(module);
  const list: unknown[] = Array.isArray(exported) ? exported : [exported];
  if (list.length === 0) throw new UsageError(`${module} exports an empty list.`);
  for (const one of list) {
    const { name, create } = (one ?? {}) as Partial<Subject>;
    if (typeof name !== "string" || name === "" || typeof create !== "function") {
      throw new UsageError(`${module} must export by default { name, create }, or a list of them.`);
    }
  }
  return list as Subject[];
}

async function importFrom(module: string): Promise<{ readonly default?: unknown }> {
  try {
    return await import(urlOf(module));
  } catch (error) {
    throw new UsageError(`${module} cannot be loaded: ${(error as Error).message}`, { cause: error });
  }
}

/** A path from here, or the name of an installed package. */
function urlOf(module: string): string {
  const path = resolve(module);
  if (existsSync(path)) return pathToFileURL(path).href;
  return pathToFileURL(createRequire(`${process.cwd()}/`).resolve(module)).href;
}
