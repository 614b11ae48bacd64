import { parseArgs } from "node:util";
import { type Case, type Law, laws } from "../case.js";
import { selectCases } from "../run-suite.js";

const formats = ["json", "tap", "junit"] as const;
export type Format = (typeof formats)[number] | "text";

export interface CliOptions {
  /** Modules with backends; with `page` files of results. */
  readonly files: readonly string[];
  /** Undefined: all. */
  readonly law: readonly Law[] | undefined;
  readonly only: readonly string[] | undefined;
  readonly shard: { readonly index: number; readonly count: number };
  readonly format: Format;
  readonly output: string | undefined;
  readonly results: string | undefined;
  readonly page: string | undefined;
  readonly badge: string | undefined;
  readonly expectedFailures: string | undefined;
  readonly patience: number | undefined;
  readonly list: boolean;
  readonly watch: boolean;
  readonly help: boolean;
}

/** A mistake of the user: ends the command with code 2. */
export class UsageError extends Error {}

export const USAGE = "Usage: ringline-conformance <module>… [options], with --help for the options";

export const HELP = `${USAGE}

Runs the conformance suite of Ringline on backends. Each module exports by default one subject
or a list of them: { name: "my backend", create: () => myBackend() }.

Which cases:
  --law <number>    only the cases of this law; given again: of these laws
  --only <text>     only cases with this text in their name; given again: with any of these texts
  --shard <i>/<n>   only part i of n parts, which together are all; i from 1 to n
  --list            print the cases instead of running them; with --json as a list of { law, case, requires }

How:
  --patience <n>    multiplies every time limit; default 1. A slow or busy machine is given more time in any case
  --expected-failures <file>
                    cases that are known to fail, one a line as the command prints them: "law 4: reject: …",
                    for one backend of several "law 4: reject: … (my backend)". The run fails when a line is stale:
                    its case passes, is skipped or does not exist. Lines with # at their start are comments
  --watch           run again when a file beside the modules changes, until Ctrl-C

What is printed:
  --json, --tap, --junit
                    one summary in JSON, TAP 14 or JUnit XML on standard output; all else goes to standard error
  --output <file>   writes that summary to a file instead: the usual text is printed as well
  --results <file>  writes the outcome of every case to a file, in JSON, for --page
  --page <file> <results>…
                    writes a page in Markdown from files of results: law by case by backend by runtime
  --badge <file> <results>…
                    writes a badge in SVG from files of results
  --help            print this

The cases run in a process of their own. Where it ends, or a case computes for ever, that case has failed, and
the next one runs in a new process. Ctrl-C ends the run, and prints what was run so far. A case that ran out of
time is printed as OVERDUE, and is repeated once by itself at the end: when it passes then, it is printed as
SLOW and counts as passed. A case with a wrong result is printed as FAILED, and is never repeated.

Exit code: 0 all passed, 1 a case failed or none was run, 2 wrong usage, 130 interrupted. With CI set in the
environment a skip that the backend's manifest does not explain is a failure.`;

/** Throws `UsageError`. */
export function parseOptions(args: readonly string[]): CliOptions {
  const { values, positionals: files } = parse(args);
  const { list = false, watch = false, help = false, only, output, results, page, badge } = values;
  const chosen = formats.filter((format) => values[format]);
  const fromResults = page !== undefined || badge !== undefined;
  if (files.length === 0 && fromResults) throw new UsageError("Name at least one file of results.");
  if (files.length === 0 && !list && !help) throw new UsageError("Name at least one module with backends.");
  if (only?.includes("")) throw new UsageError("--only needs a text that is not empty.");
  if (chosen.length > 1) throw new UsageError(`Choose one of ${formats.map((format) => `--${format}`).join(", ")}.`);
  if (output !== undefined && chosen.length === 0) throw new UsageError("--output needs --json, --tap or --junit.");
  return {
    ...{ files, only, output, results, page, badge, list, watch, help },
    law: values.law?.map(lawOf),
    shard: values.shard === undefined ? { index: 1, count: 1 } : shardOf(values.shard),
    format: chosen[0] ?? "text",
    expectedFailures: values["expected-failures"],
    patience: values.patience === undefined ? undefined : patienceOf(values.patience),
  };
}

/** The cases that the options choose, in the order in which they run. */
export function chosenCases({ law, only, shard }: CliOptions): readonly Case[] {
  return selectCases({ law, only }).filter((_, i) => i % shard.count === shard.index - 1);
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  const texts = { type: "string", multiple: true } as const;
  const flag = { type: "boolean" } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...{ law: texts, only: texts, shard: text, list: flag },
        ...{ patience: text, "expected-failures": text, watch: flag },
        ...{ json: flag, tap: flag, junit: flag, output: text, results: text, page: text, badge: text },
        help: { ...flag, short: "h" },
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

function shardOf(text: string): CliOptions["shard"] {
  const [index = 0, count = 0] = /^\d+[/]\d+$/.test(text) ? text.split("/").map(Number) : [];
  if (index >= 1 && index <= count) return { index, count };
  throw new UsageError(`--shard needs a part and how many there are, such as 1/4, not ${JSON.stringify(text)}.`);
}

function patienceOf(text: string): number {
  const times = Number(text);
  if (times > 0 && times < Number.POSITIVE_INFINITY) return times;
  throw new UsageError(`--patience needs a number more than 0, not ${JSON.stringify(text)}.`);
}
