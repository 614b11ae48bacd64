import { library } from "../../tsup.shared.ts";

// threads load their part as ESM, like the modules of kernels
export default library(["src/index.ts", "src/worker/thread-main.ts"], ["node"], {
  entry: { index: "src/index.ts", "thread-main": "src/worker/thread-main.ts" },
  dts: { entry: { index: "src/index.ts" }, compilerOptions: { types: ["node"] } },
  shims: true,
});
