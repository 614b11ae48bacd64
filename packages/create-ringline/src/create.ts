import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = new URL("../", import.meta.url);

/** Optional parts of the starter: a file, scripts, and the package of that name. */
const EXTRAS = {
  sqlite: { file: "src/kept.ts", scripts: ["kept"] },
  nats: { file: "src/hosts.ts", scripts: ["host", "hosts"] },
} as const;
export type Extra = keyof typeof EXTRAS;
export const extras = Object.keys(EXTRAS) as readonly Extra[];

interface Manifest {
  readonly scripts: Record<string, string>;
  readonly dependencies: Record<string, string>;
}

/**
 * Writes the starter, with these extras, into a folder that is empty or not there. Returns its path; throws an `Error`
 * that says why not.
 */
export async function create(folder: string, chosen: readonly Extra[] = []): Promise<string> {
  const target = resolve(folder);
  await mkdir(target, { recursive: true });
  if ((await readdir(target)).length > 0) throw new Error(`${target} is not empty: name another folder.`);
  await cp(fileURLToPath(new URL("template", here)), target, { recursive: true });
  await rename(join(target, "gitignore"), join(target, ".gitignore")); // npm leaves a .gitignore out of packages
  const file = join(target, "package.json");
  const manifest: Manifest = JSON.parse(await readFile(file, "utf8"));
  for (const extra of extras.filter((extra) => !chosen.includes(extra))) {
    await rm(join(target, EXTRAS[extra].file));
    for (const script of EXTRAS[extra].scripts) delete manifest.scripts[script];
    delete manifest.dependencies[`@ringline/${extra}`];
  }
  await writeFile(file, `${JSON.stringify(await named(manifest, basename(target)), null, 2)}\n`);
  return target;
}

/** With a name that npm allows, and the versions that this package was released with. */
async function named(manifest: Manifest, folder: string): Promise<object> {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9._~-]+/g, "-")
    .replace(/^[._-]+/, "");
  const { devDependencies } = JSON.parse(await readFile(new URL("package.json", here), "utf8"));
  const versions = Object.keys(manifest.dependencies).map((one) => [one, devDependencies[one]]);
  return { ...manifest, name: name === "" ? "ringline-app" : name, dependencies: Object.fromEntries(versions) };
}
