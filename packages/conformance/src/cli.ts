#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { isCaseProcess } from "./cli/case-environment.js";

const args = process.argv.slice(2);
if (isCaseProcess()) {
  process.setSourceMapsEnabled?.(true); // before cases and backends are loaded: stacks then name their sources
  void import("./cli/case-process.js").then(({ runCases }) => runCases(args));
} else {
  process.exitCode = 1; // until the run has come to its end
  void runCommand();
}

async function runCommand(): Promise<void> {
  const { main } = await import("./cli/main.js");
  const code = await main(args, fileURLToPath(import.meta.url));
  process.stdout.write("", () => process.exit(code)); // a pipe takes 64 KiB at once, the rest when it is read
}
