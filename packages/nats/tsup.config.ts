import { library } from "../../tsup.shared.ts";

// the command is built beside the library so that both share their code; its CommonJS twin is not published
export default library(["src/index.ts", "src/ringline-host.ts"], ["node"], {
  dts: { entry: ["src/index.ts"], compilerOptions: { types: ["node"] } },
});
