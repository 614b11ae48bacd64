import { type ParseArgsConfig, parseArgs } from "node:util";
import { UsageError } from "./usage-error.js";

/** `parseArgs`, with its complaints as those of the command line. */
export function parse<const Options extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  options: Options,
  allowPositionals = false,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

export function listOf(text: string): string[] {
  return text.split(",").map((name) => name.trim());
}

/** Names of a list, in the order in which they are known. */
export function chosen<Name extends string>(
  list: string | undefined,
  option: string,
  known: readonly Name[],
): readonly Name[] | undefined {
  if (list === undefined) return undefined;
  const wanted = listOf(list);
  for (const name of wanted) {
    if (!known.some((one) => one === name)) throw unknown(option, name, known);
  }
  return known.filter((name) => wanted.includes(name));
}

export function unknown(option: string, name: string, known: readonly string[]): UsageError {
  return new UsageError(`${option}: unknown '${name}', known are ${known.join(", ")}`);
}

export function count(text: string, option: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new UsageError(`${option} takes a number from 1 on, got '${text}'`);
  return value;
}

const SECONDS = { s: 1, m: 60, h: 3600 } as const;

/** "90s", "10m" or "1h", in seconds. */
export function duration(text: string, option: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([smh])$/.exec(text) ?? [];
  const seconds = Number(number) * SECONDS[unit as keyof typeof SECONDS];
  if (!(seconds >= 1)) throw new UsageError(`${option} takes a time such as 90s, 10m or 1h, got '${text}'`);
  return seconds;
}

/** A share, more than 0. */
export function share(text: string, option: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value)))
    throw new UsageError(`${option} takes a share such as 0.15, got '${text}'`);
  return value;
}
