import { defineConfig, type Options } from "tsup";
import { program } from "../tsup.shared.ts";

const threads = ["post-message-worker", "piscina-worker", "comlink-worker", "ring-worker", "bare-worker", "kernels"];
const shared = program([], "../tsconfig.build.json") as Options;

export default defineConfig([
  {
    ...shared,
    clean: ["!browser/**"], // the other one writes at the same time
    // threads load files of their own
    entry: {
      main: "src/main.ts",
      "gpu/main": "src/gpu/main.ts",
      "sqlite/main": "src/sqlite/main.ts",
      "counts/main": "src/counts/main.ts",
      "counts/preload": "src/counts/preload.ts",
      ...Object.fromEntries(["main", "kernels", "raw-host"].map((name) => [`nats/${name}`, `src/nats/${name}.ts`])),
      "workerpool-worker": "src/peers/workerpool-worker.ts",
      "poolifier-worker": "src/peers/poolifier-worker.ts",
      calibrate: "src/calibration/main.ts",
      "slow-port": "src/calibration/slow-port.ts",
      "pattern-kernels": "src/patterns/kernels.ts",
      "soak-kernels": "src/checks/soak-kernels.ts",
      ...Object.fromEntries(threads.map((name) => [name, `src/threads/${name}.ts`])),
    },
  },
  {
    ...shared,
    clean: false,
    // one file for a page; what a page cannot run stays outside and is never asked for
    entry: { page: "src/browser/page.ts" },
    outDir: "dist/browser",
    platform: "browser",
    noExternal: [/^(?!@ringline\/worker-threads$|webgpu$)/],
    splitting: false,
    sourcemap: false,
    minify: true,
  },
]);
