import { library } from "../../tsup.shared.ts";

// The command is built beside the library so that both share their code; its CommonJS twin is not published.
export default library(["src/index.ts", "src/vitest.ts", "src/node-test.ts", "src/cli.ts"], ["node"]);
