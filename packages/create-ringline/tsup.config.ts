import { program } from "../../tsup.shared.ts";

export default program(["src/cli.ts"]);
