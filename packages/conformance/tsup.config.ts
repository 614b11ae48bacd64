import { dirname, relative, resolve, sep } from "node:path";
import type { Options } from "tsup";
import { library } from "../../tsup.shared.ts";

const sources = resolve(import.meta.dirname, "src");
const kernels = `${sources}${sep}kernels${sep}`;

/**
 * Kernels run in other places too, which load them by the URL of their module. So each file of `src/kernels` is built
 * to a file of its own at the same place in `dist`, and bundled into nothing: whoever imports it refers to that file.
 */
const leaveKernelsAlone: NonNullable<Options["esbuildPlugins"]>[number] = {
  name: "leave-kernels-alone",
  setup({ onResolve, initialOptions }) {
    // tsup lets esbuild write ESM in any case, and turns that into CommonJS
    const extension = initialOptions.define?.["TSUP_FORMAT"] === '"cjs"' ? ".cjs" : ".js";
    onResolve({ filter: /^[.]/ }, ({ kind, path, resolveDir, importer }) => {
      const target = resolve(resolveDir, path);
      if (kind === "entry-point" || !target.startsWith(kernels)) return undefined;
      // everything that is no kernel ends up at the root of dist
      const from = importer.startsWith(kernels) ? dirname(importer) : sources;
      const file = relative(from, target)
        .split(sep)
        .join("/")
        .replace(/[.]js$/, extension);
      return { path: file.startsWith(".") ? file : `./${file}`, external: true };
    });
  },
};

const entries = ["src/index.ts", "src/vitest.ts", "src/node-test.ts"];

// The command is built beside the library so that both share their code; its CommonJS twin is not published.
export default library([...entries, "src/cli.ts", "src/kernels/**/*.ts"], ["node"], {
  dts: { entry: entries, compilerOptions: { types: ["node"] } },
  esbuildPlugins: [leaveKernelsAlone],
  shims: true,
});
