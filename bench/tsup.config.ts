import { defineConfig } from "tsup";
import { program } from "../tsup.shared.ts";

const threads = ["post-message-worker", "piscina-worker", "comlink-worker", "kernels"];

export default defineConfig({
  ...(program([], "../tsconfig.build.json") as object),
  // threads load files of their own
  entry: {
    main: "src/main.ts",
    "gpu/main": "src/gpu/main.ts",
    "workerpool-worker": "src/peers/workerpool-worker.ts",
    "poolifier-worker": "src/peers/poolifier-worker.ts",
    calibrate: "src/calibration/main.ts",
    "slow-port": "src/calibration/slow-port.ts",
    "pattern-kernels": "src/patterns/kernels.ts",
    ...Object.fromEntries(threads.map((name) => [name, `src/threads/${name}.ts`])),
  },
});
