#!/usr/bin/env node
import { relative } from "node:path";
import { parseArgs } from "node:util";
import { create, type Extra, extras } from "./create.js";

const usage = "Usage: npm create ringline [folder] [-- --with sqlite] [--with nats]   (default: ringline-app)";

interface Command {
  readonly help: boolean;
  readonly folder: string;
  readonly chosen: readonly Extra[];
}

function parse(): Command | undefined {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        help: { type: "boolean", short: "h", default: false },
        with: { type: "string", multiple: true, default: [] },
      },
    });
    const chosen = extras.filter((extra) => values.with.includes(extra));
    if (positionals.length > 1 || chosen.length < new Set(values.with).size) return undefined;
    return { help: values.help, folder: positionals[0] ?? "ringline-app", chosen };
  } catch {
    return undefined; // an option that does not exist
  }
}

const command = parse();
if (command === undefined) {
  console.error(usage);
  process.exitCode = 2;
} else if (command.help) {
  console.log(`${usage}

Writes a small TypeScript program: a pipeline of kernels, a test of it, and a switch between backends.
--with sqlite adds a program whose messages are kept in a file; --with nats one that runs on hosts.
The folder must be empty or not there yet. Nothing is installed.`);
} else {
  try {
    const target = await create(command.folder, command.chosen);
    const manager = /^(pnpm|yarn|bun)\//.exec(process.env["npm_config_user_agent"] ?? "")?.[1] ?? "npm";
    const steps = [`cd ${relative(process.cwd(), target) || "."}`, `${manager} install`, `${manager} start`];
    console.log(`Written to ${target}. Now:\n\n  ${steps.join("\n  ")}\n\nIts README.md says what is where.`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
