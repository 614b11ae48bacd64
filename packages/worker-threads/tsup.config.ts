import { copyFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Options } from "tsup";
import { library, remoteTypes } from "../../tsup.shared.ts";

// what far places share is built in, and msgpackr without its native part: the package installs core and Piscina only
const more: Options = {
  dts: { entry: ["src/index.ts"], compilerOptions: { types: ["node"], paths: remoteTypes } },
  noExternal: ["@ringline/remote", "msgpackr"],
  shims: true,
  esbuildOptions(options) {
    options.alias = { "msgpackr/pack": resolve("node_modules/msgpackr/pack.js") };
  },
  onSuccess: () => copyFile("node_modules/msgpackr/LICENSE", "dist/msgpackr.LICENSE"),
};

const builds = [
  library(["src/index.ts"], ["node"], { ...more, clean: ["**/*", "!thread-*", "!*.LICENSE"] }),
  // one file, of what threads need alone, as ESM like the modules of kernels
  library(["src/worker/thread-main.ts"], ["node"], { ...more, format: ["esm"], dts: false, clean: false }),
  library(["src/worker/thread-entry.ts"], ["node"], {
    ...more,
    format: ["cjs"],
    dts: false,
    clean: false,
    external: ["./thread-main.js"],
  }),
];

export default builds.flat();
