import { program } from "../../tsup.shared.ts";

/** One file for each source: a kernel is loaded by the file that defines it. */
export default { ...program(["src/**/*.ts"]), bundle: false };
