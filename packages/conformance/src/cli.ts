#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { isCaseProcess, runCases } from "./cli/case-process.js";
import { main } from "./cli/main.js";

const args = process.argv.slice(2);
if (isCaseProcess()) {
  void runCases(args);
} else {
  process.exitCode = 1; // until the run has come to its end
  void main(args, fileURLToPath(import.meta.url)).then((code) => process.exit(code));
}
