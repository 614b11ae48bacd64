import { parseArgs } from "node:util";
import { CHECKS } from "../checks/check.js";
import { type Parameters, quick, standard } from "../parameters.js";
import { observed, streams } from "../streams.js";
import { subjects } from "../subjects.js";
import { threadSubjects } from "../threads/subjects.js";
import { THREAD_WORKLOADS, WORKLOADS } from "../workloads/workload.js";

export const PARTS = [...WORKLOADS, ...THREAD_WORKLOADS, ...CHECKS] as const;
export type Part = (typeof PARTS)[number];

export interface RunOptions {
  readonly parts: readonly Part[];
  /** Names of subjects. */
  readonly subjects: readonly string[];
  readonly parameters: Parameters;
  readonly json: boolean;
  /** File that the JSON is written to as well. */
  readonly out: string | undefined;
}

export type Command = { readonly kind: "help" } | { readonly kind: "list" } | ({ readonly kind: "run" } & RunOptions);

/** The command line does not make sense; the message says why. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const all = [...new Set([...subjects, ...streams, ...observed, ...threadSubjects].map(({ name }) => name))];

const flags = {
  help: { type: "boolean", short: "h" },
  list: { type: "boolean" },
  json: { type: "boolean" },
  quick: { type: "boolean" },
  heap: { type: "boolean" },
  overload: { type: "boolean" },
  only: { type: "string" },
  subject: { type: "string" },
  pairs: { type: "string" },
  out: { type: "string" },
} as const;

export function parseOptions(args: readonly string[]): Command {
  const values = parse(args);
  if (values.help) return { kind: "help" };
  if (values.list) return { kind: "list" };
  const parameters = values.quick ? quick : standard;
  return {
    kind: "run",
    parts: chosenParts(values.only, values),
    subjects: chosen(values.subject, "--subject", all) ?? all,
    parameters: values.pairs === undefined ? parameters : { ...parameters, pairs: count(values.pairs, "--pairs") },
    json: values.json ?? false,
    out: values.out,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Without a choice the comparisons run; the long checks are asked for. */
function chosenParts(only: string | undefined, also: { heap?: boolean; overload?: boolean }): readonly Part[] {
  const wanted = new Set<Part>(chosen(only, "--only", PARTS) ?? []);
  for (const check of CHECKS) if (also[check]) wanted.add(check);
  return wanted.size === 0 ? WORKLOADS : PARTS.filter((part) => wanted.has(part));
}

function chosen<Name extends string>(
  list: string | undefined,
  option: string,
  known: readonly Name[],
): readonly Name[] | undefined {
  if (list === undefined) return undefined;
  const wanted = list.split(",").map((name) => name.trim());
  for (const name of wanted) {
    if (!known.some((one) => one === name)) {
      throw new UsageError(`${option}: unknown '${name}', known are ${known.join(", ")}`);
    }
  }
  return known.filter((name) => wanted.includes(name));
}

function count(text: string, option: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new UsageError(`${option} takes a number from 1 on, got '${text}'`);
  return value;
}
