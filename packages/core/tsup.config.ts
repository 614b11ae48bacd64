import { readFileSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { library } from "../../tsup.shared.ts";

/**
 * `uuid` is an ES module only, which CommonJS cannot require everywhere (Jest, Node before 20.19): it is part of what is built, with
 * its licence beside it.
 */
const uuid = {
  noExternal: ["uuid"],
  onSuccess: () => copyFile("node_modules/uuid/LICENSE.md", "dist/uuid.LICENSE.md"),
};

/** So that an error can name the copies of core that met. */
const define = { RINGLINE_VERSION: JSON.stringify(JSON.parse(readFileSync("package.json", "utf8")).version) };

// two builds, so that no ambient type of Node is there for what runs in browsers; neither cleans away the other's files
const builds = [
  library(["src/index.ts", "src/backend.ts", "src/internal.ts", "src/testing.ts"], [], {
    ...uuid,
    define,
    clean: ["**/*", "!node.*"],
  }),
  library(["src/node.ts"], ["node"], { clean: false }),
];

export default builds.flat();
