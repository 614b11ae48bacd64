#!/usr/bin/env node
import { main } from "./cli/main.js";

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
  // what a backend left behind is told as a failure, and must not keep the command from ending
  setTimeout(() => process.exit(), 1000).unref();
});
