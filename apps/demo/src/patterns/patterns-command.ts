import { backends } from "../backends.js";
import type { PatternsArguments } from "../cli/parse-command.js";

/** Runs patterns one after the other. Rejects with what failed. */
export async function patternsCommand({ patterns, backend }: PatternsArguments): Promise<void> {
  for (const [i, { name, summary, run }] of patterns.entries()) {
    console.log(`${i > 0 ? "\n" : ""}${name}: ${summary}`);
    await run(backends[backend]!());
  }
}
