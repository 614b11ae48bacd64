import { readdirSync, statSync, watch } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/** Milliseconds without a further change after which a change counts: editors and builds write several files. */
const CALM = 100;

/**
 * Resolves after a change in the folders of these files or below them. Folders of packages and those whose name begins with a
 * dot are left out, and so are the files `but`.
 */
export function nextChange(files: readonly string[], but: readonly string[]): Promise<void> {
  const ignored = new Set(but.map((file) => resolve(file)));
  return new Promise((done) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const change = (path: string) => {
      if (ignored.has(path) || isLeftOut(basename(path))) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        for (const watcher of watchers) watcher.close();
        done();
      }, CALM);
    };
    const folders = new Set(files.flatMap((file) => foldersOf(dirname(resolve(file)))));
    const watchers = [...folders].map((folder) =>
      watch(folder, (_, name) => change(join(folder, name ?? ""))).on("error", () => {}),
    );
  });
}

function foldersOf(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  const inner = readdirSync(folder, { withFileTypes: true }).filter((one) => one.isDirectory() && !isLeftOut(one.name));
  return [folder, ...inner.flatMap(({ name }) => foldersOf(join(folder, name)))];
}

const isLeftOut = (name: string): boolean => name === "node_modules" || name.startsWith(".");
