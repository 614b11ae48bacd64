import { library } from "../../tsup.shared.ts";

// two builds, so that no ambient type of Node is there for what runs in browsers; neither cleans away the other's files
const builds = [
  library(["src/index.ts", "src/backend.ts", "src/testing.ts"], [], { clean: ["**/*", "!node.*"] }),
  library(["src/node.ts"], ["node"], { clean: false }),
];

export default builds.flat();
