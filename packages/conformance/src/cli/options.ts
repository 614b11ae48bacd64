import { parseArgs } from "node:util";
import { type Law, laws } from "../case.js";

export interface CliOptions {
  readonly modules: readonly string[];
  /** Undefined: all. */
  readonly law: readonly Law[] | undefined;
  readonly only: readonly string[] | undefined;
  readonly list: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

/** A mistake of the user: ends the command with code 2. */
export class UsageError extends Error {}

export const USAGE =
  "Usage: ringline-conformance <module>… [--law <number>]… [--only <text>]… [--json] [--list] [--help]";

export const HELP = `${USAGE}

Runs the conformance suite of Ringline on backends. Each module exports by default one subject
or a list of them: { name: "my backend", create: () => myBackend() }.

  --law <number>  only the cases of this law; given again: of these laws
  --only <text>   only cases with this text in their name; given again: with any of these texts
  --json          one summary in JSON on standard output, with each failure by law, case, code and message;
                  all else that is printed goes to standard error
  --list          print the cases instead of running them; with --json as a list of { law, case, requires }
  --help          print this

The cases run in a process of their own. Where it ends, or a case computes for ever, that case has failed, and
the next one runs in a new process. Ctrl-C ends the run, and prints what was run so far.

Exit code: 0 all passed, 1 a case failed or none was run, 2 wrong usage, 130 interrupted. With CI set in the
environment a skip that the backend's manifest does not explain is a failure.`;

/** Throws `UsageError`. */
export function parseOptions(args: readonly string[]): CliOptions {
  const { values, positionals } = parse(args);
  const { list = false, json = false, help = false, only } = values;
  if (positionals.length === 0 && !list && !help) throw new UsageError("Name at least one module with backends.");
  if (only?.includes("")) throw new UsageError("--only needs a text that is not empty.");
  return { modules: positionals, law: values.law?.map(lawOf), only, list, json, help };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        law: { type: "string", multiple: true },
        only: { type: "string", multiple: true },
        list: { type: "boolean" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function lawOf(text: string): Law {
  if (Object.hasOwn(laws, text)) return Number(text) as Law;
  throw new UsageError(`There is no law ${JSON.stringify(text)}: they are numbered 1 to ${Object.keys(laws).length}.`);
}
