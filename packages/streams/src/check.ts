import { errors } from "@ringline/core";

/** The error for an option, or for a value that it gives. */
export function invalid(argument: string, value: unknown, remedy: string): Error {
  return new errors.INVALID_ARGUMENT({ argument, value }, { remedy });
}

/** Throws `INVALID_ARGUMENT` for an option that is no number of milliseconds, 0 or more. */
export function checkSpan(argument: string, value: number): number {
  if (typeof value === "number" && value >= 0) return value;
  throw invalid(argument, value, `\`${argument}\` is a number of milliseconds, 0 or more.`);
}

/** Throws `INVALID_ARGUMENT` for an option that is no number of milliseconds, more than 0. */
export function positive(argument: string, value: number): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw invalid(argument, value, "Give a number of milliseconds above 0.");
}

/** Throws `INVALID_ARGUMENT` for options that are no functions. */
export function checkFunctions(options: Readonly<Record<string, unknown>>): void {
  for (const [argument, value] of Object.entries(options)) {
    if (typeof value !== "function") throw invalid(argument, value, `\`${argument}\` is a function.`);
  }
}
