import { library } from "../../tsup.shared.ts";

// what far places share is built in: the package installs core, Piscina and msgpackr only
const more = { noExternal: ["@ringline/remote"], shims: true };

const builds = [
  // threads load their part as ESM, like the modules of kernels
  library(["src/index.ts", "src/worker/thread-main.ts"], ["node"], {
    ...more,
    entry: { index: "src/index.ts", "thread-main": "src/worker/thread-main.ts" },
    dts: { entry: { index: "src/index.ts" }, compilerOptions: { types: ["node"] } },
    clean: ["**/*", "!thread-entry.*"],
  }),
  library(["src/worker/thread-entry.ts"], ["node"], {
    ...more,
    format: ["cjs"],
    dts: false,
    clean: false,
    external: ["./thread-main.js"],
  }),
];

export default builds.flat();
