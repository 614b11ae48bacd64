import { isRinglineError } from "@ringline/core";

/** Describes why a host cannot start, with a remedy, for the person who started it. */
export function inWords(error: unknown): string {
  if (!isRinglineError(error)) return error instanceof Error ? error.message : String(error);
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  return `${error.message}${cause} ${error.remedy}`;
}
