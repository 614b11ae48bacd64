import nodeModule, { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ThreadSetup } from "@ringline/remote";

/**
 * The entry file of a thread, built as CommonJS: Piscina requires it, and loaders that compile required files would
 * give the thread a second copy of core. The import of the main file finds the copy that kernel modules import. Node
 * also aborts the whole process if a thread is terminated while `require` loads an ES module.
 */
export default async function enter(setup: ThreadSetup): Promise<void> {
  keepCompiled();
  await registerTsx();
  const { default: main } = (await import("./thread-main.js" as string)) as typeof import("./thread-main.js");
  return main(setup);
}

/**
 * Has Node keep what it compiles for threads, from 22.1 on: later threads start in two thirds of the time. The files
 * are where this package is installed, as trusted as its code; if that cannot be written, none are kept.
 */
function keepCompiled(): void {
  if (process.env["NODE_V8_COVERAGE"] !== undefined) return; // coverage of kept code is less precise
  const { enableCompileCache } = nodeModule as { enableCompileCache?(folder: string): unknown };
  enableCompileCache?.(join(__dirname, "../node_modules/.cache"));
}

/** On Node 20, tsx registers its loader of ES modules in the main thread only. */
async function registerTsx(): Promise<void> {
  if (Number.parseInt(process.versions.node, 10) > 20) return;
  const options = [...process.execArgv, ...(process.env["NODE_OPTIONS"]?.split(/\s+/) ?? [])];
  const loader = options.map((option) => option.replace(/^--(import|loader)=/, "")).find(isTsx);
  if (loader === undefined) return;
  const resolve = () => pathToFileURL(createRequire(join(process.cwd(), "_")).resolve(loader)).href;
  const url = new URL("./esm/api/index.mjs", loader.startsWith("file:") ? loader : resolve());
  const { register } = (await import(url.href)) as { register(): unknown };
  register();
}

const isTsx = (option: string) => option === "tsx" || /\/tsx\/dist\/loader\.mjs$/.test(option);
