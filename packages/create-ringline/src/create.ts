import { cp, mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = new URL("../", import.meta.url);

/** Writes the starter into a folder that is empty or not there. Gives its path; throws an `Error` that says why not. */
export async function create(folder: string): Promise<string> {
  const target = resolve(folder);
  await mkdir(target, { recursive: true });
  if ((await readdir(target)).length > 0) throw new Error(`${target} is not empty: name another folder.`);
  await cp(fileURLToPath(new URL("template", here)), target, { recursive: true });
  await rename(join(target, "gitignore"), join(target, ".gitignore")); // npm leaves a .gitignore out of packages
  const file = join(target, "package.json");
  const manifest = JSON.parse(await readFile(file, "utf8"));
  await writeFile(file, `${JSON.stringify(await named(manifest, basename(target)), null, 2)}\n`);
  return target;
}

/** With a name that npm allows, and the versions that this package was released with. */
async function named(manifest: { dependencies: Record<string, string> }, folder: string): Promise<object> {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9._~-]+/g, "-")
    .replace(/^[._-]+/, "");
  const { devDependencies } = JSON.parse(await readFile(new URL("package.json", here), "utf8"));
  const versions = Object.keys(manifest.dependencies).map((one) => [one, devDependencies[one]]);
  return { ...manifest, name: name === "" ? "ringline-app" : name, dependencies: Object.fromEntries(versions) };
}
