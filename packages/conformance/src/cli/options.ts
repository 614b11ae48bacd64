import { parseArgs } from "node:util";
import { type Law, laws } from "../case.js";

export interface CliOptions {
  readonly modules: readonly string[];
  readonly law: Law | undefined;
  readonly only: string | undefined;
  readonly list: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

/** What the user got wrong: ends the command with code 2. */
export class UsageError extends Error {}

export const USAGE = "Usage: ringline-conformance <module>… [--law <1-10>] [--only <text>] [--json] [--list] [--help]";

export const HELP = `${USAGE}

Runs the conformance suite of Ringline on backends. Each module exports by default one subject
or a list of them: { name: "my backend", create: () => myBackend() }.

  --law <1-10>   only the cases of this law
  --only <text>  only cases with this text in their name
  --json         one summary in JSON on standard output; failures go to standard error
  --list         print the cases instead of running them
  --help         print this

Exit code: 0 all passed, 1 a case failed, 2 wrong usage, 130 interrupted. With CI set in the environment
a skip that the backend's manifest does not explain is a failure.`;

/** Throws `UsageError`. */
export function parseOptions(args: readonly string[]): CliOptions {
  const { values, positionals } = parse(args);
  const { list = false, json = false, help = false, only } = values;
  if (positionals.length === 0 && !list && !help) throw new UsageError("Name at least one module with backends.");
  return { modules: positionals, law: lawOf(values.law), only, list, json, help };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        law: { type: "string" },
        only: { type: "string" },
        list: { type: "boolean" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function lawOf(text: string | undefined): Law | undefined {
  if (text === undefined) return undefined;
  if (Object.hasOwn(laws, text)) return Number(text) as Law;
  throw new UsageError(`There is no law ${JSON.stringify(text)}: they are numbered 1 to 10.`);
}
