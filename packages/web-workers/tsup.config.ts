import type { Options } from "tsup";
import { library, remoteTypes } from "../../tsup.shared.ts";

const entry = ["src/index.ts", "src/thread.ts"];
const more: Options = {
  dts: { entry, compilerOptions: { paths: remoteTypes } },
  noExternal: ["@ringline/remote"], // what far places share is built in: the package installs core only
  shims: true,
};

const builds = [
  library(entry, [], { ...more, clean: ["**/*", "!thread-main*"] }),
  // one file, of what workers need alone
  library(["src/worker/thread-main.ts"], [], { ...more, format: ["esm"], dts: false, clean: false }),
];

export default builds.flat();
