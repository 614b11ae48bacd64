import { library } from "../../tsup.shared.ts";

// the codec of copies is built in: the default backend installs nothing but core
export default library(["src/index.ts"], [], { noExternal: ["@ringline/remote"] });
