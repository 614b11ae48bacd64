#!/usr/bin/env node
import { command } from "./cli/command.js";

void command(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
