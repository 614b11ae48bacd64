import { parseArgs } from "node:util";
import { backendNames, ON_HOSTS } from "../backends.js";
import { ALL_ROWS } from "../flights/read-rows.js";
import { type Pattern, patterns } from "../patterns/patterns.js";
import { UsageError } from "./usage-error.js";

const MOST_HOSTS = 64;

export interface FlightsArguments {
  /** One of the backends' names. */
  readonly backend: string;
  /** Rows, at least 1. */
  readonly limit: number;
  /** Rows, at most `limit`. */
  readonly corrupt: number;
  /** Processes that run kernels, where the backend is "nats". */
  readonly hosts: number;
  readonly json: boolean;
}

export interface PatternsArguments {
  readonly backend: string;
  readonly patterns: readonly Pattern[];
}

export type Command =
  | { readonly kind: "help" }
  | { readonly kind: "list" }
  | { readonly kind: "anomalies" | "arrays" | "clusters"; readonly backend: string }
  | ({ readonly kind: "flights" } & FlightsArguments)
  | ({ readonly kind: "patterns" } & PatternsArguments);

const shared = {
  help: { type: "boolean", short: "h", default: false },
  backend: { type: "string", default: backendNames[0] as string },
  software: { type: "boolean", default: false }, // heeded before this process was started
} as const;
const flightsFlags = {
  ...shared,
  limit: { type: "string", default: String(ALL_ROWS) },
  corrupt: { type: "string", default: "0" },
  hosts: { type: "string", default: "2" },
  json: { type: "boolean", default: false },
} as const;
const patternsFlags = { ...shared, list: { type: "boolean", default: false } } as const;

/** Throws `UsageError`. */
export function parseCommand(args: readonly string[]): Command {
  const [name, ...rest] = args;
  if (name === "anomalies" || name === "arrays" || name === "clusters") return parseCompute(name, rest);
  return name === "patterns" ? parsePatterns(rest) : parseFlights(args);
}

function parseCompute(kind: "anomalies" | "arrays" | "clusters", args: readonly string[]): Command {
  const { help, backend } = orUsageError(
    () => parseArgs({ args: [...args], options: shared, allowPositionals: false }).values,
  );
  return help ? { kind: "help" } : { kind, backend: known("backend", backend, backendNames) };
}

function parseFlights(args: readonly string[]): Command {
  const { help, backend, limit, corrupt, hosts, json } = orUsageError(
    () => parseArgs({ args: [...args], options: flightsFlags, allowPositionals: false }).values,
  );
  if (help) return { kind: "help" };
  const rows = Math.min(wholeNumber("--limit", limit, 1), ALL_ROWS);
  return {
    kind: "flights",
    backend: known("backend", backend, [...backendNames, ON_HOSTS]),
    limit: rows,
    corrupt: wholeNumber("--corrupt", corrupt, 0, rows),
    hosts: wholeNumber("--hosts", hosts, 1, MOST_HOSTS),
    json,
  };
}

function parsePatterns(args: readonly string[]): Command {
  const { values, positionals } = orUsageError(() =>
    parseArgs({ args: [...args], options: patternsFlags, allowPositionals: true }),
  );
  if (values.help) return { kind: "help" };
  if (values.list) return { kind: "list" };
  const names = patterns.map(({ name }) => name);
  const wanted = positionals.map((name) => known("pattern", name, names));
  return {
    kind: "patterns",
    backend: known("backend", values.backend, backendNames),
    patterns: wanted.length === 0 ? patterns : patterns.filter(({ name }) => wanted.includes(name)),
  };
}

function orUsageError<Result>(parse: () => Result): Result {
  try {
    return parse();
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function known(what: string, name: string, names: readonly string[]): string {
  if (names.includes(name)) return name;
  throw new UsageError(`There is no ${what} "${name}": ${names.join(", ")}.`);
}

function wholeNumber(option: string, text: string, from: number, to = Number.MAX_SAFE_INTEGER): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isSafeInteger(value) && value >= from && value <= to) return value;
  const range = to === Number.MAX_SAFE_INTEGER ? `from ${from} on` : `from ${from} to ${to}`;
  throw new UsageError(`${option} takes a whole number ${range}, not "${text}".`);
}
