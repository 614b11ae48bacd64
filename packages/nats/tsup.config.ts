import { library } from "../../tsup.shared.ts";

// the command and its threads are built beside the library so that all share their code; their CommonJS twins are not published
export default library(["src/index.ts", "src/testing.ts", "src/ringline-host.ts", "src/host-thread.ts"], ["node"], {
  shims: true,
  dts: { entry: ["src/index.ts", "src/testing.ts"], compilerOptions: { types: ["node"] } },
});
